using System.Text;
using TrainingMonitor.Logs.Following;
using TrainingMonitor.Logs.Tests.Support;

namespace TrainingMonitor.Logs.Tests.Following;

public sealed class FollowingTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainmon-logs-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_line_is_read_when_it_is_whole_and_only_once()
    {
        var path = Write("a.jsonl", "{\"step\":1,\"loss\":2}\n{\"step\":2,");
        var source = LogFinder.Find(path, null)!.Open();

        Read.Text(source.Poll()).ShouldBe("1:loss=2");
        source.Poll().ShouldBeEmpty();
        File.AppendAllText(path, "\"loss\":3}\n");
        Read.Text(source.Poll()).ShouldBe("2:loss=3");
        source.Format.ShouldBe(LogFormat.JsonLines);
    }

    [Fact]
    public void A_file_that_became_another_is_read_from_its_start_and_a_copy_with_more_goes_on()
    {
        var path = Write("a.jsonl", "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":2}\n");
        var source = LogFinder.Find(path, null)!.Open();
        source.Poll().Count().ShouldBe(2);

        var copy = Write("copy", "{\"step\":1,\"loss\":2}\n{\"step\":2,\"loss\":2}\n{\"step\":3,\"loss\":2}\n");
        File.Move(copy, path, overwrite: true);
        Read.Text(source.Poll()).ShouldBe("3:loss=2");
        source.Replaced.ShouldBe(0);

        File.WriteAllText(path, "{\"step\":1,\"loss\":9}\n");
        Read.Text(source.Poll()).ShouldBe("1:loss=9");
        File.WriteAllText(path, "{\"step\":1,\"loss\":8}\n");
        Read.Text(source.Poll()).ShouldBe("1:loss=8");
        source.Replaced.ShouldBe(2);
    }

    [Fact]
    public void Event_files_of_a_folder_follow_each_other()
    {
        var run = Directory.CreateDirectory(Path.Combine(folder, "runs", "a")).FullName;
        File.WriteAllBytes(Path.Combine(run, "events.out.tfevents.1700000000.host.1.0"), [.. EventWriter.Version, .. EventWriter.Scalar("loss", 1, 2)]);
        var source = LogFinder.Find(folder, null).ShouldNotBeNull();
        source.Path.ShouldBe(run);
        var open = source.Open();
        Read.Text(open.Poll()).ShouldBe("1:loss=2");

        File.WriteAllBytes(Path.Combine(run, "events.out.tfevents.1700000100.host.2.0"), [.. EventWriter.Version, .. EventWriter.Scalar("loss", 1, 3)]);
        Read.Text(open.Poll()).ShouldBe("1:loss=3");
    }

    [Fact]
    public void The_run_written_last_is_taken_and_live_logs_before_checkpoints()
    {
        Write("checkpoint-10/trainer_state.json", "{\"log_history\":[{\"step\":10,\"loss\":1}]}");
        LogFinder.Find(folder, null).ShouldBe(new FoundLog(folder, LogFormat.TrainerState));

        File.SetLastWriteTimeUtc(Write("old.log", "step: 1 loss: 2\n"), DateTime.UnixEpoch.AddYears(40));
        var newer = Write("new.log", "starting\nstep=1 loss=2\n");
        Write("other.txt", "no steps here: 3\n");
        LogFinder.Find(folder, null).ShouldBe(new FoundLog(newer, LogFormat.Text));
        LogFinder.Find(folder, LogFormat.TrainerState).ShouldBe(new FoundLog(folder, LogFormat.TrainerState));
        LogFinder.Find(Path.Combine(folder, "missing"), null).ShouldBeNull();
    }

    [Fact]
    public void The_newest_checkpoint_is_read_and_only_what_it_adds()
    {
        Write("checkpoint-10/trainer_state.json", "{\"log_history\":[{\"step\":10,\"loss\":1}]}");
        var source = LogFinder.Find(folder, null)!.Open();
        Read.Text(source.Poll()).ShouldBe("10:loss=1");
        var newer = Write("checkpoint-20/trainer_state.json", "{\"log_history\":[{\"step\":10,\"loss\":1},{\"step\":20,\"loss\":2}]}");
        File.SetLastWriteTimeUtc(newer, DateTime.UtcNow.AddSeconds(5));
        Read.Text(source.Poll()).ShouldBe("20:loss=2");
    }

    [Theory]
    [InlineData(0, LogFormat.TensorBoard)]
    [InlineData(1, LogFormat.Wandb)]
    [InlineData(2, LogFormat.TrainerState)]
    [InlineData(3, LogFormat.Text)]
    public void First_bytes_tell_the_format_of_a_file_with_any_name(int kind, LogFormat format)
    {
        byte[] bytes = kind switch { 0 => EventWriter.Version, 1 => new WandbWriter().File, 2 => Encoding.UTF8.GetBytes("{\"log_history\": []}"), _ => Encoding.UTF8.GetBytes("hello\n") };
        var path = Path.Combine(folder, "file");
        File.WriteAllBytes(path, bytes);

        LogFinder.Find(path, null).ShouldBe(new FoundLog(path, format));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
