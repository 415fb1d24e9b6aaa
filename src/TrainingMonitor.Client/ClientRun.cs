using Google.Protobuf;
using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Client.Connection;
using TrainingMonitor.Client.Setup;
using TrainingMonitor.Client.Speaking;
using TrainingMonitor.Client.Spilling;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client;

/// <summary>A client that is on: the intake, the backlog, and the two tasks that carry reports from the one through the other to the server.</summary>
internal sealed class ClientRun : ISessionObserver, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ClientOptions options;
    private readonly Speaker speaker;
    private readonly Backlog backlog;
    private readonly FrameMaker maker;
    private readonly CallbackQueue callbacks;
    private readonly Courier courier;
    private readonly Deliverer deliverer;
    private readonly Action<Alert> onAlert;
    private readonly Action<Advice> onAdvice;
    private readonly Action<Welcome> onWelcome;
    private readonly CancellationTokenSource finishing = new(), giveUp = new();
    private readonly ITimer timer;
    private readonly Task work;
    private volatile bool on = true, shouldStop;
    private volatile string page = "";

    // Newest transition told of each alert; touched by the session's reader only.
    private readonly Dictionary<string, (ulong Ordinal, long TimeUnixNs)> told = new(StringComparer.Ordinal);

    public ClientRun(ClientOptions options, Hello hello, Speaker speaker, Action<Alert> onAlert, Action<Advice> onAdvice, Action<Welcome> onWelcome)
    {
        this.options = options;
        this.speaker = speaker;
        this.onAlert = onAlert;
        this.onAdvice = onAdvice;
        this.onWelcome = onWelcome;
        var segment = Math.Clamp(options.SpillBytes / 32, 64 << 10, 16 << 20);
        var folder = SpillPlace.Own(options.SpillFolder!, hello);
        backlog = new(hello, options.MemoryBytes, options.SpillBytes == 0 ? null : () => SpillStore.Create(folder, hello, segment), speaker);
        maker = new(options.BatchBytes, speaker);
        callbacks = new(speaker);
        deliverer = new(options, new TokenSource(options.Token, options.AllowPlainToken == true, Environment.GetEnvironmentVariable), speaker, this, finishing.Token);
        courier = new(options, speaker, deliverer);
        Intake = new(options.Time, options.MemoryBytes / 2, () => Capacity - backlog.Bytes);
        Intake.Expect(hello.Description.Schedule);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
        timer = options.Time.CreateTimer(_ => Intake.Arrived.Set(), null, Tick, Tick);
        work = Task.Run(WorkAsync);
    }

    public Intake Intake { get; }

    public bool IsOn => on;

    public bool ShouldStop => shouldStop;

    public string Page => page;

    public long StepsThinned => Intake.Dropped;

    /// <summary>Doubles each time half of what was left of the buffers is used up: 1, 2 at half full, 4 at three quarters, ...</summary>
    public int Thinning
    {
        get
        {
            var free = 1 - (backlog.Bytes / (double)Math.Max(Capacity, 1));
            return 1 << (int)Math.Clamp(Math.Floor(-Math.Log2(Math.Max(free, 1e-9))), 0, 10);
        }
    }

    public bool HasRoom => Intake.Bytes < options.MemoryBytes / 4 && backlog.Bytes < Capacity / 2;

    private long Capacity => options.MemoryBytes + (backlog.CanSpill ? Math.Max(options.SpillBytes - courier.LeftBytes, 0) : 0);

    public void Report(StepReport report)
    {
        if (!Intake.Add(report))
        {
            speaker.Once("thinning", $"the buffers are full ({Size.Words(Capacity)}); steps are left out as pairs until there is room");
        }
    }

    public void Add(IMessage message, int size)
    {
        if (!Intake.Add(message, size))
        {
            speaker.Once("full", $"the buffers are full ({Size.Words(Capacity)}); probes and scalars are left out until there is room");
        }
    }

    public void Describe(RunDescription description) => Intake.Add(description);

    public void Finish(Goodbye.Types.Reason reason, string message, long thinned = 0) =>
        Finish(new Goodbye { Reason = reason, Message = Shorten(message), StepsThinned = (ulong)Math.Max(thinned, 0) });

    /// <summary>Nothing more comes; what is there is delivered. Without a goodbye the server will find the run stalled.</summary>
    public void Finish(Goodbye? goodbye)
    {
        if (Intake.IsClosed)
        {
            return;
        }

        try
        {
            // A tenth of the time is for the disk, whatever the network does.
            giveUp.CancelAfter(options.ExitTimeout * 0.9);
            finishing.Cancel();
            Intake.Close(goodbye);
            work.Wait(options.ExitTimeout);
        }
        catch (ObjectDisposedException)
        {
            // The client turned itself off at this moment, and has said why.
        }
        catch (Exception e)
        {
            // Finish runs in finally blocks and at process exit: it must not hide the error of the training run.
            speaker.Once("finish", $"the end of the run could not be told: {e.GetBaseException().Message}");
        }
        finally
        {
            on = false;
        }
    }

    /// <summary>Lets go of everything; called when the work has ended.</summary>
    public void Dispose()
    {
        on = false;
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        timer.Dispose();
        callbacks.Close();
        backlog.Dispose();
        deliverer.Dispose();
        finishing.Dispose();
        giveUp.Dispose();
    }

    public void Welcomed(Welcome welcome)
    {
        page = welcome.Page;
        callbacks.Post(() => onWelcome(welcome));
    }

    public void Alerted(Alert alert)
    {
        // At each Welcome the server sends again what is firing. An old ordinal with a newer time comes from a server that began anew.
        if (alert.Ordinal > 0 && told.TryGetValue(alert.Id, out var known) && alert.Ordinal <= known.Ordinal && alert.TimeUnixNs <= known.TimeUnixNs)
        {
            return;
        }

        told[alert.Id] = (alert.Ordinal, alert.TimeUnixNs);
        callbacks.Post(() => onAlert(alert));
    }

    public void Advised(Advice advice)
    {
        shouldStop |= advice.ShouldStop;
        callbacks.Post(() => onAdvice(advice));
    }

    private static string Shorten(string? message) => message is { Length: > 300 } ? message[..300] : message ?? "";

    private void OnProcessExit(object? sender, EventArgs e) => Finish(Goodbye.Types.Reason.Interrupted, "the process ended without a goodbye");

    private async Task WorkAsync()
    {
        var delivering = DeliverAsync();
        try
        {
            await CollectAsync();
            await delivering;
            backlog.SpillMemory();
            if (!backlog.IsDelivered && backlog.DiskBytes > 0)
            {
                speaker.Once("left", $"{Size.Words(backlog.DiskBytes)} are not delivered; the next start of run {options.RunId} sends them");
            }
        }
        catch (Exception e)
        {
            Fault(e);
            await giveUp.CancelAsync();
            await delivering;
        }
        finally
        {
            Dispose();
        }
    }

    private async Task CollectAsync()
    {
        var frames = new List<StoredFrame>();
        var spilled = options.Time.GetTimestamp();
        while (true)
        {
            await Intake.Arrived.WaitAsync(CancellationToken.None);
            if (Intake.Bytes < options.BatchBytes && !Intake.IsClosed)
            {
                await Task.Delay(options.BatchDelay, options.Time, finishing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            var (messages, closed) = Intake.Take();
            frames.Clear();
            maker.Make(messages, frames);
            if (frames.Count > 0)
            {
                backlog.Append(frames);
            }

            if (closed)
            {
                backlog.Complete();
                return;
            }

            if (deliverer.IsConnected || options.Time.GetElapsedTime(spilled) < Tick)
            {
                continue;
            }

            // Once a second while the server is away: what a killed process loses is bounded by time.
            backlog.SpillMemory();
            spilled = options.Time.GetTimestamp();
        }
    }

    private async Task DeliverAsync()
    {
        try
        {
            var end = await courier.RunAsync(backlog, giveUp.Token);
            if (end.Outcome == Outcome.Refused)
            {
                speaker.Once("refused", $"the server at {options.Server} refuses this run: {end.Reason}; the monitor is off, training goes on");
                Stop();
            }
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            // Out of time: what is left goes to disk.
        }
        catch (Exception e)
        {
            Fault(e);
        }
    }

    // A fault of ours must not end the process; the monitor goes off.
    private void Fault(Exception e)
    {
        speaker.Once("fault", $"a fault in the monitor's client, it is off now and training goes on: {e}");
        Stop();
    }

    private void Stop()
    {
        on = false;
        Intake.Close(null);
    }
}
