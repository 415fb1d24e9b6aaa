using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Hosting;

public sealed class DataFolderTests
{
    [Fact]
    public void The_folder_and_its_token_are_private_and_the_token_stays()
    {
        using var temporary = new TemporaryFolder();
        var path = Path.Combine(temporary.Path, "a", "b");
        string token;
        using (var folder = DataFolder.Open(path))
            token = folder.Token();
        token.Length.ShouldBe(64);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.GetUnixFileMode(Path.Combine(path, "token")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        using var again = DataFolder.Open(path);
        again.Token().ShouldBe(token);
    }

    [Fact]
    public void A_second_server_on_the_folder_is_refused_with_a_sentence()
    {
        using var temporary = new TemporaryFolder();
        using (DataFolder.Open(temporary.Path))
            Should.Throw<InvalidOperationException>(() => DataFolder.Open(temporary.Path)).Message.ShouldContain("in use by another server");
        using var free = DataFolder.Open(temporary.Path);
    }

    [Fact]
    public void A_token_file_that_others_can_read_is_closed()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var temporary = new TemporaryFolder();
        var file = Path.Combine(temporary.Path, "token");
        File.WriteAllText(file, new string('a', 40) + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using var folder = DataFolder.Open(temporary.Path);
        folder.Token().ShouldBe(new string('a', 40));
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void An_empty_token_file_is_refused_with_a_sentence()
    {
        using var temporary = new TemporaryFolder();
        File.WriteAllText(Path.Combine(temporary.Path, "token"), "");
        using var folder = DataFolder.Open(temporary.Path);
        Should.Throw<InvalidOperationException>(folder.Token).Message.ShouldContain("Delete it");
    }

    [Fact]
    public void A_file_in_the_way_is_said()
    {
        using var temporary = new TemporaryFolder();
        var file = Path.Combine(temporary.Path, "file");
        File.WriteAllText(file, "");
        Should.Throw<InvalidOperationException>(() => DataFolder.Open(file)).Message.ShouldContain("cannot be made");
    }
}
