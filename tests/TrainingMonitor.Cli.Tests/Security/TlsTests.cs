using System.Collections.Concurrent;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Cli.Tests.Security;

/// <summary>The command line and the .NET client over TLS, against a real server: what works, and what is said where it cannot.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestCa ca = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("trainmon-tls-");

    public void Dispose()
    {
        ca.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_command_line_knows_the_server_by_its_ca_and_shows_its_own_certificate()
    {
        var identities = ca.PathOf("identities.json");
        await File.WriteAllTextAsync(identities, """[ { "name": "ops", "subject": "CN=ops", "scopes": ["read"] } ]""", TestContext.Current.CancellationToken);
        await using var server = await StartAsync(ca.Server(), o => o with { ClientCa = ca.CaFile, ClientIdentities = identities });
        (await RunAsync(server, "runs", "--ca-file", ca.CaFile)).ExitCode.ShouldBe(ExitCodes.Ok);
        var own = ca.Client("CN=ops");
        (await RunAsync(server, false, "runs", "--ca-file", ca.CaFile, "--client-cert", own.Certificate, "--client-key", own.Key)).ExitCode.ShouldBe(ExitCodes.Ok);
        (await RunAsync(server, false, "token", "list", "--ca-file", ca.CaFile, "--client-cert", own.Certificate, "--client-key", own.Key)).ExitCode.ShouldBe(ExitCodes.Denied);
        (await RunAsync(server, false, "runs", "--ca-file", ca.CaFile)).ExitCode.ShouldBe(ExitCodes.Denied);
    }

    [Fact]
    public async Task A_client_certificate_that_the_server_refuses_is_named_as_the_likely_cause()
    {
        using var other = new TestCa("Other CA");
        var identities = ca.PathOf("identities.json");
        await File.WriteAllTextAsync(identities, """[ { "name": "ops", "subject": "CN=ops", "scopes": ["read"] } ]""", TestContext.Current.CancellationToken);
        await using var server = await StartAsync(ca.Server(), o => o with { ClientCa = ca.CaFile, ClientIdentities = identities });
        var wrong = other.Client("CN=ops");
        foreach (var command in (string[][])[["runs"], ["silence", "list"], ["doctor"]])
        {
            var run = await RunAsync(server, [.. command, "--ca-file", ca.CaFile, "--client-cert", wrong.Certificate, "--client-key", wrong.Key]);
            run.ExitCode.ShouldNotBe(ExitCodes.Ok);
            (run.Error + run.Output).ShouldContain("client certificate", customMessage: run.Error + run.Output);
        }

        var (_, said) = Train(server, o => o with { CaFile = ca.CaFile, ClientCertificate = wrong.Certificate, ClientKey = wrong.Key });
        said.ShouldContain(s => s.Contains("client certificate", StringComparison.Ordinal), string.Join('|', said));
    }

    [Fact]
    public async Task A_wrong_ca_an_expired_certificate_and_another_name_are_told_apart()
    {
        using var other = new TestCa("Other CA");
        await using (var server = await StartAsync(ca.Server()))
        {
            await SaysAsync(server, other.CaFile, "does not come from the CA in " + other.CaFile);
            await SaysAsync(server, null, "comes from no CA that this machine trusts");
        }

        await using (var server = await StartAsync(ca.Server("soon", days: 3)))
            (await RunAsync(server, "doctor", "--json", "--ca-file", ca.CaFile)).Output.ShouldContain("the server's certificate ends in 3.0 days");
        await using (var server = await StartAsync(ca.Server("old", days: -1, fromDays: -10)))
            await SaysAsync(server, ca.CaFile, "renew it");
        await using (var server = await StartAsync(ca.Server("else", dns: "monitor.lab", address: false)))
            await SaysAsync(server, ca.CaFile, "is for monitor.lab, not for 127.0.0.1");
    }

    [Fact]
    public async Task A_trainer_delivers_over_tls_and_says_what_is_wrong()
    {
        await using var server = await StartAsync(ca.Server());
        var (run, said) = Train(server, o => o with { CaFile = ca.CaFile });
        said.ShouldBeEmpty();
        (await RunAsync(server, "runs", "--ca-file", ca.CaFile)).Output.ShouldContain(run);
        Train(server, o => o).Said.ShouldContain(s => s.Contains("comes from no CA", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://10.1.2.3:4650", null, true)]
    [InlineData("http://10.1.2.3:4650", true, false)]
    [InlineData("https://10.1.2.3:4650", null, false)]
    [InlineData("http://localhost:1", null, false)]
    public void A_token_crosses_no_network_in_plain_text_unless_it_is_said(string address, bool? allow, bool refused)
    {
        var said = new ConcurrentQueue<string>();
        // No disk: nobody waits for the end of this client, and the folder goes away.
        using var client = TrainingMonitorClient.Start(new ClientOptions
        {
            Server = new Uri(address), RunId = "r", Token = "secret-of-mine", AllowPlainToken = allow, Enabled = true,
            SpillFolder = folder.FullName, SpillBytes = 0, ExitTimeout = TimeSpan.Zero, Say = said.Enqueue,
        });
        (client.IsOn, said.Any(s => s.Contains("plain text", StringComparison.Ordinal))).ShouldBe((!refused, refused));
        said.ShouldNotContain(s => s.Contains("secret-of-mine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_line_refuses_a_plain_token_and_the_doctor_sees_what_is_unsafe()
    {
        var plain = await CliRun.OfAsync(["runs", "--server", "http://10.1.2.3:4650", "--token", "secret-of-mine"]);
        plain.ExitCode.ShouldBe(ExitCodes.Usage);
        plain.Error.ShouldContain("--allow-plain-token");
        plain.Error.ShouldNotContain("secret-of-mine");

        await using var server = await MonitorServer.StartAsync(
            new ServerOptions { DataFolder = folder.FullName, Address = "0.0.0.0", Insecure = true, NoAuth = true, GrpcPort = 0, HttpPort = 0 }, TestContext.Current.CancellationToken);
        var doctor = await CliRun.OfAsync(["doctor", "--json", "--server", $"http://127.0.0.1:{server.GrpcAddress.Port}", "--http", $"http://127.0.0.1:{server.HttpAddress.Port}"]);
        doctor.Output.ShouldContain("\"found\": \"the server listens where other machines reach it, and connections are not encrypted and nobody is asked for a token");
    }

    private async Task SaysAsync(MonitorServer server, string? caFile, string part)
    {
        string[] trusted = caFile is null ? [] : ["--ca-file", caFile];
        foreach (var command in (string[][])[["runs"], ["silence", "list"], ["doctor"]])
        {
            var run = await RunAsync(server, [.. command, .. trusted]);
            run.ExitCode.ShouldNotBe(ExitCodes.Ok);
            (run.Error + run.Output).ShouldContain(part, customMessage: command[0]);
        }
    }

    private (string Run, ConcurrentQueue<string> Said) Train(MonitorServer server, Func<ClientOptions, ClientOptions> change)
    {
        var said = new ConcurrentQueue<string>();
        var run = "run-" + Guid.NewGuid().ToString("N")[..6];
        using var client = TrainingMonitorClient.Start(change(new ClientOptions
        {
            Server = server.GrpcAddress, RunId = run, Token = File.ReadAllText(Path.Combine(folder.FullName, "token")).Trim(), Enabled = true, Rank = 0, WorldSize = 1,
            SpillFolder = Path.Combine(folder.FullName, "spill"), ExitTimeout = TimeSpan.FromSeconds(5), Say = said.Enqueue,
        }));
        client.Log(1, new Dictionary<string, double> { ["x"] = 1 });
        client.Finish(Goodbye.Types.Reason.Finished);
        return (run, said);
    }

    private Task<MonitorServer> StartAsync((string Certificate, string Key) own, Func<ServerOptions, ServerOptions>? change = null)
    {
        var options = new ServerOptions { DataFolder = folder.FullName, GrpcPort = 0, HttpPort = 0, TlsCertificate = own.Certificate, TlsKey = own.Key };
        return MonitorServer.StartAsync(change?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }

    private Task<CliRun> RunAsync(MonitorServer server, params string[] arguments) => RunAsync(server, true, arguments);

    private Task<CliRun> RunAsync(MonitorServer server, bool withToken, params string[] arguments) => CliRun.OfAsync(
        [.. arguments, "--server", server.GrpcAddress.ToString(), "--http", server.HttpAddress.ToString()],
        variables => variables["TRAINMON_DATA"] = withToken ? folder.FullName : "/nowhere");
}
