using TrainingMonitor.Client.Setup;
using TrainingMonitor.Client.Speaking;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client;

/// <summary>Sends one rank's reports to the monitor. No method blocks on the network or the disk, none throws: what goes wrong is said once and training goes on.</summary>
public sealed class TrainingMonitorClient : IDisposable
{
    private readonly Speaker speaker;
    private readonly ClientRun? run;

    private TrainingMonitorClient(ClientOptions options, Speaker speaker, Func<TrainingMonitorClient, ClientRun?> start)
    {
        Options = options;
        this.speaker = speaker;
        run = start(this);
    }

    /// <summary>Alerts of this run, on a background thread. Exceptions of handlers are caught and said once.</summary>
    public event Action<Alert>? OnAlert;

    /// <summary>Advice of the server, on a background thread.</summary>
    public event Action<Advice>? OnAdvice;

    /// <summary>A server took the stream; again after each reconnection. On a background thread.</summary>
    public event Action<Welcome>? OnWelcome;

    /// <summary>Options with every default filled in.</summary>
    public ClientOptions Options { get; }

    /// <summary>False: the monitor is off (not wanted, wrong options, or refused by the server); reports go nowhere.</summary>
    public bool IsOn => run is { IsOn: true };

    /// <summary>A person asked the run to stop.</summary>
    public bool ShouldStop => run is { ShouldStop: true };

    /// <summary>Thinning: 1 = every pair is wanted; k = only every k-th pair fits into the buffers now.</summary>
    public int Thinning => run?.Thinning ?? 1;

    /// <summary>Half of the buffers is free. A sender that can wait, as one that reads a log, waits for it and loses nothing.</summary>
    public bool HasRoom => run?.HasRoom ?? true;

    /// <summary>Steps dropped so far, as whole pairs, because the buffers were full.</summary>
    public long StepsThinned => run?.StepsThinned ?? 0;

    /// <summary>The page of this run; empty until the server said so.</summary>
    public string Page => run?.Page ?? "";

    /// <summary>Starts the client's background task. Never throws; a client that cannot start is off.</summary>
    public static TrainingMonitorClient Start(ClientOptions options)
    {
        var voice = new Speaker(options?.Say);
        if (options is null)
        {
            voice.Once("options", "no options were given; the monitor is off");
            return new(new() { Enabled = false }, voice, _ => null);
        }

        try
        {
            var filled = OptionDefaults.Fill(options, Environment.GetEnvironmentVariable);
            if (filled.Enabled == false)
            {
                return new(filled, voice, _ => null);
            }

            var hello = HelloMaker.Make(filled);
            if (OptionRules.Problem(filled, hello) is { } problem)
            {
                voice.Once("options", $"{problem}; the monitor is off, training goes on");
                return new(filled with { Enabled = false }, voice, _ => null);
            }

            return new(filled, voice, client => new(filled, hello, voice, a => client.OnAlert?.Invoke(a), a => client.OnAdvice?.Invoke(a), w => client.OnWelcome?.Invoke(w)));
        }
        catch (Exception e)
        {
            // Whatever it is (a broken environment, no memory for a thread): the training run must start.
            voice.Once("options", $"{e.Message}; the monitor is off, training goes on");
            return new(options with { Enabled = false }, voice, _ => null);
        }
    }

    /// <summary>Declares the layers. Call again when they change. The client owns the table from here on; version 0 is replaced by the next one.</summary>
    public void SetLayers(LayerTable table) => Guard(run => run.Intake.Add(table));

    /// <summary>New hyper-parameters or schedule.</summary>
    public void SetDescription(RunDescription description) => Guard(run => run.Describe(description.Clone()));

    /// <summary>Queues a report of a whole step; the client owns it from here on. Stamps time_unix_ns where it is 0, and takes the newest layer table where layer_table_version is 0.</summary>
    public void Report(StepReport report)
    {
        if (run is not { IsOn: true })
        {
            return;
        }

        try
        {
            run.Report(report);
        }
        catch (Exception e)
        {
            Failed(e);
        }
    }

    /// <summary>Queues a probe; the client owns it from here on.</summary>
    public void Report(ProbeResult probe) => Guard(run => run.Add(probe, 128));

    /// <summary>Queues user scalars: a value a name, 1 to 128 bytes of UTF-8.</summary>
    public void Log(long step, IReadOnlyDictionary<string, double> scalars) => Log(step, scalars, timeUnixNs: 0);

    /// <summary>Queues user scalars of a moment: a value a name, 1 to 128 bytes of UTF-8; <paramref name="timeUnixNs"/> 0 means now.</summary>
    public void Log(long step, IReadOnlyDictionary<string, double> scalars, long timeUnixNs) => Guard(run =>
    {
        foreach (var chunk in scalars.Chunk(256))
        {
            var log = new LogScalars { Step = checked((ulong)step), TimeUnixNs = timeUnixNs };
            log.Scalars.AddRange(chunk.Select(s => new Scalar { Name = s.Key, Value = s.Value }));
            run.Add(log, 64 * chunk.Length);
        }
    });

    /// <summary>Says goodbye, waits for the durable ack at most <see cref="ClientOptions.ExitTimeout"/>; what is left stays on disk for the next start.</summary>
    /// <param name="reason">How the run ended.</param>
    /// <param name="message">One line for the reader.</param>
    /// <param name="thinned">Steps that were left out before they came to this client; its own are added.</param>
    public void Finish(Goodbye.Types.Reason reason, string message = "", long thinned = 0) => run?.Finish(reason, message, thinned);

    /// <summary>Ends without a goodbye, as for a process that was killed: what is there is delivered as by <see cref="Finish"/>, and the server will find the run stalled.</summary>
    public void Leave() => run?.Finish(null);

    /// <inheritdoc/>
    public void Dispose() => Finish(Goodbye.Types.Reason.Finished);

    private void Guard(Action<ClientRun> action)
    {
        if (run is not { IsOn: true })
        {
            return;
        }

        try
        {
            action(run);
        }
        catch (Exception e)
        {
            Failed(e);
        }
    }

    // A wrong argument or a fault of ours: training goes on without this report.
    private void Failed(Exception e) => speaker.Once($"report {e.GetType()}", $"a report was left out: {e.Message}");
}
