using TrainingMonitor.Cli.Connection;

namespace TrainingMonitor.Cli.Tests.Connection;

public sealed class ServerLocationTests
{
    private readonly Dictionary<string, string> variables = new(StringComparer.Ordinal) { ["TRAINMON_DATA"] = "/nowhere" };

    [Fact]
    public void Defaults_to_the_usual_ports_of_this_machine()
    {
        var location = Find();

        location.Grpc.ShouldBe(new Uri("http://127.0.0.1:4650"));
        location.Http.ShouldBe(new Uri("http://127.0.0.1:4651"));
        location.Token.ShouldBeNull();
    }

    [Fact]
    public void The_command_line_wins_over_the_environment()
    {
        variables["TRAINMON_SERVER"] = "http://10.0.0.1:1000";
        variables["TRAINMON_HTTP"] = "http://10.0.0.1:2000";
        variables["TRAINMON_TOKEN"] = "from-environment";
        variables["TRAINMON_PLAIN_TOKEN"] = "1";

        Find().ShouldBe(new ServerLocation(new Uri("http://10.0.0.1:1000"), new Uri("http://10.0.0.1:2000"), "from-environment"));
        Find("box:99", null, "typed").ShouldBe(new ServerLocation(new Uri("http://box:99"), new Uri("http://10.0.0.1:2000"), "typed"));
    }

    [Fact]
    public void A_token_file_is_for_this_machine_only()
    {
        var folder = Directory.CreateTempSubdirectory("trainmon-test-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "token"), "file-token\n");
            variables["TRAINMON_DATA"] = folder.FullName;

            Find().Token.ShouldBe("file-token");
            Find("http://10.0.0.1:4650").Token.ShouldBeNull();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("http://")]
    [InlineData("not an address")]
    public void What_is_no_address_is_refused(string text) =>
        Should.Throw<CliException>(() => Find(text)).ExitCode.ShouldBe(ExitCodes.Usage);

    private ServerLocation Find(string? grpc = null, string? http = null, string? token = null) =>
        ServerLocation.Find(grpc, http, token, name => variables.GetValueOrDefault(name));
}
