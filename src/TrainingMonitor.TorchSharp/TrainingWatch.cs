using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Reporting;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.TorchSharp;

/// <summary>Watches a TorchSharp training run: <c>Start</c> before the loop, <see cref="Step(Tensor, BatchInfo?)"/> in place of
/// <c>optimizer.step()</c>. Nothing of it throws, and training with it computes bit for bit what it computes without: what goes wrong in the monitor
/// is said once, then it is off and training goes on. Not thread-safe: call it from the training thread.</summary>
public sealed class TrainingWatch : IDisposable
{
    private readonly Optimizer optimizer;
    private readonly IReportSink sink;
    private readonly Func<WatchSession?, WatchSession>? make;
    private readonly Action<string> say;
    private WatchSession? session;
    private bool off, finished;

    private TrainingWatch(Optimizer optimizer, IReportSink sink, Action<string> say, Func<WatchSession?, WatchSession>? make)
    {
        this.make = make;
        this.optimizer = optimizer;
        this.sink = sink;
        this.say = say;
        off = make is null;
        Guard(() => sink.OnAlert += RaiseAlert);
        Guard(() => session = make!(null));
    }

    /// <summary>Alerts of this run, on a background thread; look at <see cref="ShouldStop"/> or set a flag of your own.</summary>
    public event Action<Alert>? OnAlert;

    /// <summary>A person asked the run to stop.</summary>
    public bool ShouldStop => sink.ShouldStop;

    /// <summary>Web page of this run; empty until the server said so.</summary>
    public string Page => sink.Page;

    /// <summary>Whether statistics are being taken; false when disabled, refused by the server, or after a failure of the monitor.</summary>
    public bool IsOn => !off;

    /// <summary>Optimizer steps made through <see cref="Step(Tensor, BatchInfo?)"/>.</summary>
    public long Steps { get; private set; }

    /// <summary>The schedule in force.</summary>
    public Schedule Schedule => session?.Schedule ?? new Schedule();

    /// <summary>Starts watching.</summary>
    /// <param name="model">The model; layers called through <c>call</c> (as Sequential does) can give exact per-example sums.</param>
    /// <param name="optimizer">Its optimizer from torch.optim.</param>
    /// <param name="options">Options; null: all defaults.</param>
    public static TrainingWatch Start(nn.Module model, Optimizer optimizer, WatchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        options ??= new WatchOptions();
        WatchOptionsCheck.Validate(options);
        var client = options.Client with { Project = options.Project ?? options.Client.Project, RunName = options.RunName ?? options.Client.RunName };
        return Start(model, optimizer, options, new ClientSink(TrainingMonitorClient.Start(client)), TimeProvider.System);
    }

    internal static TrainingWatch Start(nn.Module model, Optimizer optimizer, WatchOptions options, IReportSink target, TimeProvider time)
    {
        var tell = options.Client.Say ?? (message => Console.Error.WriteLine($"training monitor: {message}"));
        var enabled = options.Client.Enabled
            ?? !string.Equals(Environment.GetEnvironmentVariable("TRAINMON_MODE"), "disabled", StringComparison.OrdinalIgnoreCase);
        return new TrainingWatch(optimizer, target, tell, enabled ? before => new WatchSession(model, optimizer, options, target, time, tell, before) : null);
    }

    /// <summary>Takes the statistics of this step and calls <c>optimizer.step()</c>. Call it after <c>backward()</c>, before the gradients are zeroed.</summary>
    /// <param name="loss">Loss of the batch, a scalar.</param>
    /// <param name="batch">What is known of the batch.</param>
    public void Step(Tensor loss, BatchInfo? batch = null)
    {
        // Written out: a lambda here would allocate at every step.
        if (IsWatching)
        {
            try
            {
                if (session!.IsOutgrown)
                {
                    session = make!(session);
                }

                session.BeforeUpdate(loss, batch ?? BatchInfo.None);
            }
            catch (Exception e)
            {
                SwitchOff(e);
            }
        }

        _ = optimizer.step();
        Steps++;
        if (!off)
        {
            try
            {
                session!.AfterUpdate();
            }
            catch (Exception e)
            {
                SwitchOff(e);
            }
        }
    }

    /// <summary>Clips the norm of all gradients, as <c>torch.nn.utils.clip_grad_norm_</c> does, and lets the monitor know the factor. Call it between backward and <see cref="Step(Tensor, BatchInfo?)"/>.</summary>
    /// <returns>The norm before clipping.</returns>
    public double ClipGradNorm(double maxNorm)
    {
        var norm = nn.utils.clip_grad_norm_(optimizer.parameters(), maxNorm);
        Guard(() => session?.Clipped(Math.Min(1, maxNorm / (norm + 1e-6))));
        return norm;
    }

    /// <summary>Says that the optimizer's step is skipped (an overflow of mixed precision): call it instead of <see cref="Step(Tensor, BatchInfo?)"/>.</summary>
    public void Skip()
    {
        Steps++;
        Guard(() => session?.Skipped());
    }

    /// <summary>Logs numbers of your own.</summary>
    public void Log(IReadOnlyDictionary<string, double> scalars) => Guard(() => sink.Log(Steps, scalars));

    /// <summary>Logs a number of your own.</summary>
    public void Log(string name, double value) => Log(new Dictionary<string, double> { [name] = value });

    /// <summary>Ends the run: says goodbye and waits at most <see cref="ClientOptions.ExitTimeout"/> for the last reports. Disposing does it with "finished".</summary>
    public void Finish(Goodbye.Types.Reason reason = Goodbye.Types.Reason.Finished, string message = "")
    {
        if (finished)
        {
            return;
        }

        finished = true;
        Swallow(() => sink.Finish(reason, message));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Finish();
        Swallow(() => session?.Dispose());
        Swallow(sink.Dispose);
        off = true;
    }

    /// <summary>Off for good once the client is: measuring for nobody would be pure cost. The client has said why.</summary>
    private bool IsWatching
    {
        get
        {
            if (!off && (session is null || !sink.IsOn))
            {
                off = true;
                Swallow(() => session?.Dispose());
            }

            return !off;
        }
    }

    private void RaiseAlert(Alert alert) => OnAlert?.Invoke(alert);

    private void Guard(Action action)
    {
        if (off)
        {
            return;
        }

        try
        {
            action();
        }
        catch (Exception e)
        {
            SwitchOff(e);
        }
    }

    // A monitor must never end a training run: whatever it is, say it once, stop watching, let training go on.
    private void SwitchOff(Exception e)
    {
        off = true;
        Swallow(() => say($"switched off for this run after an error of its own; training goes on. {e.GetType().Name}: {FirstLine(e.Message)}"));
        Swallow(() => session?.Dispose());
    }

    /// <summary>Torch's messages go on with a native stack trace.</summary>
    private static string FirstLine(string message) => message.Split('\n', 2)[0];

    private static void Swallow(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            // On the way out: nothing more can be done for the monitor, and training must not see it; a trace listener may.
            System.Diagnostics.Trace.TraceWarning($"training monitor: {e}");
        }
    }
}
