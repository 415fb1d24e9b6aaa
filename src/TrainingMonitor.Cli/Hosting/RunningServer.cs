using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Cli.Hosting;

/// <summary>The embedded server in this process. The only type of the command line that touches the server's assemblies, so that other commands start without them.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly MonitorServer server;

    private RunningServer(MonitorServer server) => this.server = server;

    /// <summary>gRPC address.</summary>
    public Uri Grpc => server.GrpcAddress;

    /// <summary>HTTP address.</summary>
    public Uri Http => server.HttpAddress;

    /// <summary>Address for a browser; it signs in once.</summary>
    public Uri Page => server.CreateLoginLink();

    /// <summary>Address of the pages, without a link to sign in.</summary>
    public Uri Pages => server.PagesAddress;

    /// <summary>What is unsafe about where it listens; empty: nothing.</summary>
    public string Unsafe => server.Unsafe;

    /// <summary>Why it ended by itself; empty: it has not.</summary>
    public string Failure => server.Failure;

    /// <summary>Full path of the data folder.</summary>
    public string DataFolder => server.DataPath;

    /// <summary>Starts it; returns when it accepts connections.</summary>
    /// <param name="options">Options by property name of <see cref="ServerOptions"/>.</param>
    /// <param name="settingsFile">JSON file, or null.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">It cannot start; the message says what to do.</exception>
    public static async Task<RunningServer> StartAsync(IReadOnlyDictionary<string, string> options, string? settingsFile, TimeProvider time, CancellationToken cancellationToken) =>
        new(await MonitorServer.StartAsync(ServerOptionsReport.Resolve(options, settingsFile), null, time, cancellationToken));

    /// <summary>Waits for Ctrl-C, or for the server to end by itself.</summary>
    public async Task UntilAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stop.Register(() => stopped.TrySetResult());
        await Task.WhenAny(server.Completion, stopped.Task);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => server.DisposeAsync();
}
