using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Hosting;

public sealed class ServerOptionsReportTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public void Later_sources_win_and_origins_are_told()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        File.WriteAllText(file, """{ "grpcPort": 1, "httpPort": 2, "maxRuns": 3, "noAuth": true, /* comments are fine */ }""");
        var report = ServerOptionsReport.Resolve(
            new Dictionary<string, string> { ["GrpcPort"] = "7" },
            file,
            new Dictionary<string, string> { ["TRAINMON_GRPC_PORT"] = "6", ["TRAINMON_HTTP_PORT"] = "5", ["TRAINMON_DATA"] = folder.Path, ["TRAINMON_TOKEN"] = "0123456789abcdef0123" });
        (report.Options.GrpcPort, report.Options.HttpPort, report.Options.MaxRuns, report.Options.NoAuth).ShouldBe((7, 5, 3, true));
        report.Options.DataFolder.ShouldBe(folder.Path);
        Entry(report, "GrpcPort").Origin.ShouldBe(ServerOptionOrigin.Caller);
        Entry(report, "HttpPort").ShouldBe(new ServerOptionEntry("HttpPort", "5", ServerOptionOrigin.Environment, "TRAINMON_HTTP_PORT"));
        Entry(report, "MaxRuns").Source.ShouldBe(file);
        Entry(report, "MaxLayers").Origin.ShouldBe(ServerOptionOrigin.Default);
        Entry(report, "Token").Value.ShouldBe("***");
        report.ToString().ShouldNotContain("0123456789abcdef");
    }

    [Fact]
    public void The_snapshot_cadence_comes_from_the_settings_and_reaches_the_node()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        File.WriteAllText(file, """{ "snapshotSeconds": 0.5 }""");
        var options = ServerOptionsReport.Resolve(Nothing, file, new Dictionary<string, string> { ["TRAINMON_SNAPSHOT_INPUTS"] = "200" }).Options;
        var node = EmbeddedNode.NodeOptions(new NodeContext(folder.Path, options, new Uri("http://localhost/"), TimeProvider.System, NullLoggerFactory.Instance));
        (node.SnapshotInputs, node.SnapshotInterval).ShouldBe((200, TimeSpan.FromSeconds(0.5)));
        Should.Throw<InvalidOperationException>(() => ServerOptionsReport.Resolve(
            new Dictionary<string, string> { ["SnapshotInputs"] = "0" }, environment: Nothing)).Message.ShouldContain("SnapshotInputs");
    }

    [Fact]
    public void The_influx_options_are_looked_at_before_anything_starts()
    {
        using var folder = new TemporaryFolder();
        var token = Path.Combine(folder.Path, "influx-token");
        Problem("InfluxUrl", ("InfluxUrl", "not an address"));
        Problem("InfluxUrl", ("InfluxUrl", "ftp://host"));
        Problem("InfluxUrl", ("InfluxUrl", "http://user:password@host:8086")).ShouldNotContain("password@");
        Problem("InfluxDatabase", ("InfluxUrl", "http://host:8086"), ("InfluxDatabase", ""));
        Problem("InfluxTokenFile", ("InfluxTokenFile", token));
        Problem(token, ("InfluxUrl", "http://host:8086"), ("InfluxTokenFile", token));
        File.WriteAllText(token, " \n");
        Problem("is empty", ("InfluxUrl", "http://host:8086"), ("InfluxTokenFile", token));
        File.WriteAllText(token, "two words");
        Problem("InfluxTokenFile", ("InfluxUrl", "http://host:8086"), ("InfluxTokenFile", token)).ShouldNotContain("two words");
        File.WriteAllText(token, "the-token\n");
        var report = ServerOptionsReport.Resolve(new Dictionary<string, string> { ["InfluxTokenFile"] = token }, environment: new Dictionary<string, string> { ["TRAINMON_INFLUX_URL"] = "http://host:8086" });
        InfluxSettings.Read(report.Options, []).ShouldNotBeNull().Token.ShouldBe("the-token");
        report.ToString().ShouldNotContain("the-token");

        static string Problem(string part, params (string Name, string Value)[] said)
        {
            var error = Should.Throw<InvalidOperationException>(() => ServerOptionsReport.Resolve(said.ToDictionary(item => item.Name, item => item.Value), environment: Nothing));
            error.Message.ShouldContain(part);
            return error.Message;
        }
    }

    [Fact]
    public void All_errors_come_at_once_and_name_their_option()
    {
        var error = Should.Throw<InvalidOperationException>(() => ServerOptionsReport.Resolve(
            new Dictionary<string, string> { ["GrpcPort"] = "70000", ["Colour"] = "red", ["MaxFrameBytes"] = "many" },
            environment: new Dictionary<string, string> { ["TRAINMON_HTTP_PORT"] = "x", ["TRAINMON_ADDRESS"] = "no address", ["TRAINMON_TOKEN"] = "short" }));
        foreach (var part in new[] { "GrpcPort", "Colour", "MaxFrameBytes", "TRAINMON_HTTP_PORT", "no address", "Token" })
            error.Message.ShouldContain(part);
        error.Message.Split('\n').Length.ShouldBe(6);
        error.Message.ShouldNotContain("short");
    }

    [Theory]
    [InlineData("0.0.0.0", false, false, false)]
    [InlineData("192.168.1.7", true, false, false)]
    [InlineData("0.0.0.0", false, true, true)]
    [InlineData("0.0.0.0", true, true, true)]
    [InlineData("127.0.0.1", true, false, true)]
    [InlineData("::1", false, false, true)]
    [InlineData("localhost", false, false, true)]
    [InlineData("127.0.0.1", false, true, true)]
    public void Addresses_that_others_reach_must_be_said_to_be_open(string address, bool noAuth, bool insecure, bool good)
    {
        void Resolve() => ServerOptionsReport.Resolve(new Dictionary<string, string> { ["Address"] = address, ["NoAuth"] = noAuth.ToString(), ["Insecure"] = insecure.ToString() }, environment: Nothing);
        if (good)
            Should.NotThrow(Resolve);
        else
            Should.Throw<InvalidOperationException>(Resolve);
    }

    [Theory]
    [InlineData("""{ "grpcPrt": 1 }""", "grpcPrt")]
    [InlineData("""[1]""", "one JSON object")]
    [InlineData("""{ """, "cannot be read")]
    public void A_bad_settings_file_is_refused(string text, string part)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        File.WriteAllText(file, text);
        Should.Throw<InvalidOperationException>(() => ServerOptionsReport.Resolve(settingsFile: file, environment: Nothing)).Message.ShouldContain(part);
    }

    private static ServerOptionEntry Entry(ServerOptionsReport report, string name) => report.Entries.Single(e => e.Name == name);
}
