using System.Net;
using System.Net.Sockets;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Hosting;

public sealed class MonitorServerTests
{
    [Fact]
    public async Task It_starts_again_on_the_same_folder_with_the_same_token()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var token = server.Token;
        await server.Server.DisposeAsync();
        await server.Server.Completion;
        var again = await MonitorServer.StartAsync(ServerOptionsReport.From(server.Server.Options), null, TimeProvider.System, new FakeNode().StartAsync, TestContext.Current.CancellationToken);
        await using (again)
            File.ReadAllText(Path.Combine(again.DataPath, "token")).Trim().ShouldBe(token);
    }

    [Fact]
    public async Task A_second_server_on_the_folder_is_refused_and_the_first_goes_on()
    {
        await using var server = await ServerUnderTest.StartAsync();
        (await Should.ThrowAsync<InvalidOperationException>(() => MonitorServer.StartAsync(ServerOptionsReport.From(server.Server.Options), null, TimeProvider.System, new FakeNode().StartAsync, TestContext.Current.CancellationToken)))
            .Message.ShouldContain("in use by another server");
        (await server.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_taken_port_is_said_and_the_folder_is_free_again()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var options = new ServerOptions { DataFolder = folder.Path, GrpcPort = port, HttpPort = 0 };
        (await Should.ThrowAsync<InvalidOperationException>(() => MonitorServer.StartAsync(ServerOptionsReport.From(options), null, TimeProvider.System, new FakeNode().StartAsync, TestContext.Current.CancellationToken)))
            .Message.ShouldContain($"ports {port}");
        using var free = DataFolder.Open(folder.Path);
    }

    [Fact]
    public async Task A_node_that_does_not_start_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var options = new ServerOptions { DataFolder = folder.Path, GrpcPort = 0, HttpPort = 0 };
        (await Should.ThrowAsync<IOException>(() => MonitorServer.StartAsync(ServerOptionsReport.From(options), null, TimeProvider.System, (_, _) => throw new IOException("disk"), TestContext.Current.CancellationToken)))
            .Message.ShouldBe("disk");
        using var free = DataFolder.Open(folder.Path);
    }

    [Fact]
    public async Task Effective_options_are_said_without_the_token()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { Token = "a-token-of-my-own-0123456789" }, "a-token-of-my-own-0123456789");
        server.Log.ShouldContain(l => l.Contains("MaxFrameBytes", StringComparison.Ordinal));
        server.Log.ShouldNotContain(l => l.Contains("my-own", StringComparison.Ordinal));
        (await server.Http.GetAsync("/api/v1/runs", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Links_use_the_address_that_others_write()
    {
        await using var server = await ServerUnderTest.StartRealAsync(o => o with { PublicUrl = "https://monitor.lab:9443" });
        server.Server.CreateLoginLink().ToString().ShouldStartWith("https://monitor.lab:9443/login?token=");
        using var trainer = new Trainer(server);
        (await trainer.OpenAsync()).Page.ShouldBe("https://monitor.lab:9443/runs/run-1");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs") { Headers = { Host = "monitor.lab:9443" } };
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
        foreach (var wrong in (string[])["monitor", "ftp://x", "https://a:b@x", "https://x/path"])
            Should.Throw<InvalidOperationException>(() => ServerOptionsReport.Resolve(new Dictionary<string, string> { ["PublicUrl"] = wrong }, environment: new Dictionary<string, string>())).Message.ShouldContain("PublicUrl");
    }
}
