using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client;

/// <summary>Sends one rank's reports to the monitor. No method blocks on the network or the disk, none throws: what goes wrong is said once and training goes on.</summary>
public sealed class TrainingMonitorClient : IDisposable
{
    private Action<object>? queue;

    private TrainingMonitorClient(ClientOptions options) => Options = options;

    /// <summary>Options with every default filled in.</summary>
    public ClientOptions Options { get; }

    /// <summary>Starts the client's background task. Never throws; a client that cannot start is off.</summary>
    public static TrainingMonitorClient Start(ClientOptions options) => new(options);

    /// <summary>Alerts of this run, on a background thread. Exceptions of handlers are caught and said once.</summary>
    public event Action<Alert>? OnAlert;

    /// <summary>Advice of the server, on a background thread.</summary>
    public event Action<Advice>? OnAdvice;

    /// <summary>A person asked the run to stop.</summary>
    public bool ShouldStop { get; private set; }

    /// <summary>Thinning: 1 = every pair is wanted; k = only every k-th pair fits into the buffers now.</summary>
    public int Thinning { get; private set; } = 1;

    /// <summary>The page of this run; empty until the server said so.</summary>
    public string Page { get; private set; } = "";

    /// <summary>Declares the layers. Call again when they change.</summary>
    public void SetLayers(LayerTable table) => queue?.Invoke(table);

    /// <summary>New hyper-parameters.</summary>
    public void SetDescription(RunDescription description) => queue?.Invoke(description);

    /// <summary>Queues a report; the client owns it from here on. Stamps time_unix_ns where it is 0.</summary>
    public void Report(StepReport report) => queue?.Invoke(report);

    /// <summary>Queues a probe.</summary>
    public void Report(ProbeResult probe) => queue?.Invoke(probe);

    /// <summary>Queues user scalars.</summary>
    public void Log(long step, IReadOnlyDictionary<string, double> scalars) => queue?.Invoke((step, scalars));

    /// <summary>Says goodbye, waits for the durable ack at most <see cref="ClientOptions.ExitTimeout"/>; what is left stays on disk for the next start.</summary>
    public void Finish(Goodbye.Types.Reason reason, string message = "")
    {
        _ = (reason, message);
        OnAlert?.Invoke(new Alert());
        OnAdvice?.Invoke(new Advice());
        queue = null;
        ShouldStop = false;
        Thinning = 1;
        Page = "";
    }

    /// <inheritdoc/>
    public void Dispose() => Finish(Goodbye.Types.Reason.Finished);
}
