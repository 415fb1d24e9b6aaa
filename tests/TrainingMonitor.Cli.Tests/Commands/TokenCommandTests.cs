using System.Text.Json;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Cli.Tests.Commands;

/// <summary>Tokens, against a real server.</summary>
public sealed class TokenCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("trainmon-tokens-");
    private MonitorServer server = null!;

    public async ValueTask InitializeAsync() =>
        server = await MonitorServer.StartAsync(new ServerOptions { DataFolder = folder.FullName, GrpcPort = 0, HttpPort = 0 }, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_token_is_shown_once_alone_on_standard_output_and_works_until_it_is_revoked()
    {
        var made = await RunAsync("token", "create", "ci", "--scope", "read", "--project", "mnist", "--expires", "90d");
        made.ExitCode.ShouldBe(ExitCodes.Ok, made.Error);
        made.Output.ShouldStartWith("trainmon_");
        made.Output.ShouldNotContain("\n");
        made.Error.ShouldContain("ci  read  mnist  until ");
        made.Error.ShouldNotContain(made.Output);

        (await RunAsync("runs", "--token", made.Output)).ExitCode.ShouldBe(ExitCodes.Ok);
        var denied = await RunAsync("token", "list", "--token", made.Output);
        (denied.ExitCode, denied.Error.Contains("scope admin", StringComparison.Ordinal)).ShouldBe((ExitCodes.Denied, true), denied.Error);
        (await RunAsync("token", "list")).Output.ShouldContain("ci  read  mnist");
        using (var listed = JsonDocument.Parse((await RunAsync("token", "list", "--json")).Output))
            listed.RootElement[0].GetProperty("name").GetString().ShouldBe("ci");

        (await RunAsync("token", "revoke", "ci")).Output.ShouldBe("Token ci is revoked.");
        (await RunAsync("runs", "--token", made.Output)).ExitCode.ShouldBe(ExitCodes.Denied);
        (await RunAsync("token", "revoke", "ci")).ExitCode.ShouldBe(ExitCodes.NotFound);
        (await RunAsync("token", "list")).Output.ShouldBe("No tokens but the server's own.");
    }

    [Theory]
    [InlineData("'--scope' is required", "token", "create", "x")]
    [InlineData("write", "token", "create", "x", "--scope", "write")]
    [InlineData("90y", "token", "create", "x", "--scope", "read", "--expires", "90y")]
    public async Task A_mistake_is_said(string part, params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.ExitCode.ShouldNotBe(ExitCodes.Ok);
        run.Error.ShouldContain(part, Case.Insensitive);
    }

    private Task<CliRun> RunAsync(params string[] arguments) => CliRun.OfAsync(
        [.. arguments, "--server", server.GrpcAddress.ToString(), "--http", server.HttpAddress.ToString()], variables => variables["TRAINMON_DATA"] = folder.FullName);
}
