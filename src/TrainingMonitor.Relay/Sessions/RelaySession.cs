using System.Net.Sockets;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Relay.Frames;
using TrainingMonitor.Relay.Sockets;

namespace TrainingMonitor.Relay.Sessions;

/// <summary>One connection: one rank of one process.</summary>
internal sealed class RelaySession(Socket socket, RelayOptions options, IRelayObserver observer) : IDisposable
{
    private static readonly TimeSpan HelloTime = TimeSpan.FromSeconds(10);

    private readonly NetworkStream network = new(socket, ownsSocket: true);
    private readonly Outbox outbox = new();
    private TrainingMonitorClient? client;
    private Hello? hello;
    private string lastSentence = "";
    private int factor = 1;
    private int saidOff;

    /// <summary>Runs until the process has ended and what it sent is delivered or put aside.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var frames = new FrameStream(network);
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var writer = outbox.RunAsync(frames, writing.Token);
        Goodbye? goodbye = null;
        try
        {
            if (await OpenAsync(frames, stop))
            {
                goodbye = await ReadAsync(frames, stop);
            }
        }
        catch (FrameException error)
        {
            options.Say($"a connection was closed: {error.Message}");
            outbox.Post(FrameWords.Off(error.Message));
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The process is gone, or the relay is ending.
        }

        outbox.Close();
        writing.CancelAfter(TimeSpan.FromSeconds(2));
        await writer;
        socket.Close();
        await EndAsync(goodbye);
    }

    /// <summary>Asks the process to let go.</summary>
    public void Detach() => outbox.Post(FrameWords.Detach());

    /// <inheritdoc/>
    public void Dispose()
    {
        network.Dispose();
        client?.Dispose();
    }

    private async Task<bool> OpenAsync(FrameStream frames, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(HelloTime);
        if (await frames.ReadAsync(patience.Token) is not { } first)
        {
            return false;
        }

        if (Refusal(first) is { } reason)
        {
            outbox.Post(FrameWords.Off(reason));
            observer.TurnedAway(reason);
            return false;
        }

        hello = FrameMessages.Read<Hello>(first, "hello");
        client = Start(hello);
        if (!client.IsOn)
        {
            outbox.Post(FrameWords.Off(lastSentence));
            observer.TurnedAway(lastSentence);
            return false;
        }

        outbox.Post(FrameWords.Welcome(""));
        observer.Connected(hello);
        return true;
    }

    private string? Refusal(RelayFrame first)
    {
        if (first.Type != "hello")
        {
            return $"the first frame is '{first.Type}', 'hello' is wanted";
        }

        var version = first.Header.TryGetProperty("relay_version", out var given) && given.TryGetInt32(out var number) ? number : 0;
        if (version != FrameStream.Version)
        {
            return $"this relay speaks version {FrameStream.Version}, the client {version}";
        }

        var secret = first.Header.TryGetProperty("secret", out var text) ? text.GetString() : null;
        return options.Ticket.Refuses(secret ?? "", PeerCredentials.Of(socket));
    }

    private TrainingMonitorClient Start(Hello from)
    {
        var started = TrainingMonitorClient.Start(new ClientOptions
        {
            Enabled = true,
            Server = options.Server,
            Token = options.Token,
            CaFile = options.Tls.CaFile,
            ClientCertificate = options.Tls.Certificate,
            ClientKey = options.Tls.Key,
            AllowPlainToken = options.AllowPlainToken,
            RunId = from.RunId,
            Project = from.Project,
            RunName = from.RunName,
            Rank = (int)Math.Min(from.Rank, int.MaxValue),
            WorldSize = (int)Math.Clamp(from.WorldSize, 1, int.MaxValue),
            RestartCount = from.HasRestartCount ? (int)Math.Min(from.RestartCount, int.MaxValue) : null,
            Process = new(from.ClientStartId, from.Client, from.Host, (int)Math.Min(from.ProcessId, int.MaxValue)),
            Description = from.Description ?? new(),
            SpillFolder = options.SpillFolder,
            ExitTimeout = options.Patience,
            Time = options.Time,
            Say = Hear,
        });
        started.OnWelcome += welcome =>
        {
            outbox.Post(FrameWords.Welcome(welcome.Page));
            observer.Welcomed(from, welcome);
        };
        started.OnAlert += alert =>
        {
            outbox.Post(FrameWords.Alert(alert));
            observer.Alerted(from, alert);
        };
        started.OnAdvice += advice => outbox.Post(FrameWords.Advice(advice));
        return started;
    }

    // The client speaks of trouble in sentences; the last one before it goes off says why.
    private void Hear(string sentence)
    {
        lastSentence = sentence.Replace("monitor: ", "", StringComparison.Ordinal).Replace("; the monitor is off, training goes on", "", StringComparison.Ordinal);
        options.Say(lastSentence);
    }

    private async Task<Goodbye?> ReadAsync(FrameStream frames, CancellationToken stop)
    {
        using var watch = new Timer(_ => GoOff(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        while (await frames.ReadAsync(stop) is { } frame)
        {
            if (frame.Type == "goodbye")
            {
                outbox.Post(FrameWords.Delivered());
                return FrameMessages.Read<Goodbye>(frame, "goodbye");
            }

            Take(frame);
        }

        return null;
    }

    private void Take(RelayFrame frame)
    {
        switch (frame.Type)
        {
            case "step":
                var report = FrameMessages.ReadStep(frame);
                observer.Stepped(hello!, report.Step);
                client!.Report(report);
                Thin();
                break;
            case "layer_table": client!.SetLayers(FrameMessages.Read<LayerTable>(frame, "layer_table")); break;
            case "description": client!.SetDescription(FrameMessages.Read<RunDescription>(frame, "description")); break;
            case "probe": client!.Report(FrameMessages.Read<ProbeResult>(frame, "probe")); break;
            case "scalars":
                var log = FrameMessages.Read<LogScalars>(frame, "scalars");
                client!.Log((long)log.Step, log.Scalars.DistinctBy(s => s.Name).ToDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal), log.TimeUnixNs);
                break;
            default: break; // A newer client says something this relay does not know.
        }
    }

    private void Thin()
    {
        if (client!.Thinning is var wanted && wanted != factor)
        {
            factor = wanted;
            outbox.Post(FrameWords.Thinning(wanted));
        }
    }

    private void GoOff()
    {
        if (client is { IsOn: false } && Interlocked.Exchange(ref saidOff, 1) == 0)
        {
            outbox.Post(FrameWords.Off(lastSentence));
        }
    }

    private async Task EndAsync(Goodbye? goodbye)
    {
        if (client is null || hello is null)
        {
            return;
        }

        // Waits until all is delivered, on a thread of its own: the client's ways to finish are made for the end of a training script.
        await Task.Factory.StartNew(
            () =>
            {
                if (goodbye is null)
                {
                    client.Leave();
                }
                else
                {
                    client.Finish(goodbye.Reason, goodbye.Message, (long)Math.Min(goodbye.StepsThinned, long.MaxValue));
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        observer.Ended(hello, goodbye is not null);
    }
}
