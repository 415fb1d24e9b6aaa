using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Recording;

namespace TrainingMonitor.Cli.Recordings;

/// <summary>Feeds a recording to a server as its trainers did: one stream for each attempt and rank, frames byte for byte.
/// Decisions that the recording server made by its clock are left to the new one.</summary>
internal sealed class Replayer(QueryClient client, Uri server, string runId, ReplayPace pace)
{
    private readonly Dictionary<(int Attempt, int Rank), ReplayStream> streams = [];

    /// <summary>Frames sent.</summary>
    public long Frames { get; private set; }

    /// <summary>Step reports in them.</summary>
    public long Steps { get; private set; }

    /// <summary>Page of the run; empty where there is none.</summary>
    public string Page { get; private set; } = "";

    /// <summary>Sends everything and waits until it is durable.</summary>
    public async Task RunAsync(RecordingReader recording, CancellationToken stop)
    {
        try
        {
            foreach (var record in recording.Read())
            {
                if (record.Kind == FrameRecordKind.Frame)
                {
                    await SendAsync(record, stop);
                }
                else if (Input.Parser.ParseFrom(record.Body.Span).Opened is { } opened)
                {
                    await OpenAsync(opened, stop);
                }
            }

            foreach (var stream in streams.Values)
            {
                await stream.FinishAsync(stop);
            }
        }
        finally
        {
            foreach (var stream in streams.Values)
            {
                await stream.DisposeAsync();
            }
        }
    }

    // A rank that reconnected goes on in the stream it has, unless frames were lost in between.
    private async Task OpenAsync(Opened opened, CancellationToken stop)
    {
        var key = ((int)opened.Attempt, (int)opened.Hello.Rank);
        if (streams.TryGetValue(key, out var stream))
        {
            if (opened.ResumeAfter <= stream.Sent)
            {
                return;
            }

            await stream.FinishAsync(stop);
            await stream.DisposeAsync();
        }

        // One attempt follows another: the trainer of the older one is gone.
        foreach (var (old, left) in streams.Where(pair => pair.Key.Attempt < key.Item1).ToArray())
        {
            await left.FinishAsync(stop);
            await left.DisposeAsync();
            streams.Remove(old);
        }

        var hello = opened.Hello.Clone();
        hello.RunId = runId;
        hello.RunName = hello.RunName.Length == 0 || hello.RunName == opened.Hello.RunId ? runId : hello.RunName;
        var made = await ReplayStream.OpenAsync(client, server, hello, stop);
        streams[key] = made;
        Page = made.Page;
    }

    private async Task SendAsync(FrameRecord record, CancellationToken stop)
    {
        if (!streams.TryGetValue((record.Attempt, record.Rank), out var stream))
        {
            throw new CliException(ExitCodes.Failure, $"The recording has a frame of attempt {record.Attempt}, rank {record.Rank} before its stream was opened: record the run again.");
        }

        var frame = TrainerFrame.Parser.ParseFrom(record.Body.Span);
        if (frame.Steps is { Reports: [var first, ..] })
        {
            await pace.UntilAsync(first.TimeUnixNs, stop);
        }

        if (await stream.SendAsync(frame.Sequence, record.Body, stop))
        {
            Frames++;
            Steps += frame.Steps?.Reports.Count(report => report.PartIndex == 0) ?? 0;
        }
    }
}
