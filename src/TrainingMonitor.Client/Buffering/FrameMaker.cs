using Google.Protobuf;
using TrainingMonitor.Client.Speaking;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Client.Buffering;

/// <summary>
/// Makes frames of what waits: reports share a frame up to a size, each frame gets its sequence and its bytes, once. What a server would refuse is left out
/// here and said, so that one wrong report does not cost the run its monitor.
/// </summary>
internal sealed class FrameMaker(int batchBytes, Speaker speaker)
{
    private readonly FrameValidator validator = new(FrameLimits.Default);
    private readonly List<StepReport> batch = [];
    private StreamValidationState state;
    private long size;

    /// <summary>Sequence of the newest frame.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Makes frames of the messages, in order.</summary>
    public void Make(List<IMessage> messages, List<StoredFrame> frames)
    {
        foreach (var message in messages)
        {
            if (message is StepReport report)
            {
                Add(report, frames);
                continue;
            }

            Flush(frames);
            Seal(Wrap(message), frames);
        }

        Flush(frames);
    }

    private static TrainerFrame Wrap(IMessage message) => message switch
    {
        LayerTable table => new() { LayerTable = table },
        RunDescription description => new() { Description = description },
        ProbeResult probe => new() { Probe = probe },
        LogScalars scalars => new() { Scalars = scalars },
        Goodbye goodbye => new() { Goodbye = goodbye },
        _ => throw new ArgumentException($"A {message.Descriptor.Name} is no body of a frame.", nameof(message)),
    };

    private void Add(StepReport report, List<StoredFrame> frames)
    {
        var bytes = report.CalculateSize();
        if (report.PartCount > 1)
        {
            speaker.Once("parts", $"a report was left out, it is part {report.PartIndex} of {report.PartCount}; hand over whole steps, the client splits them");
            return;
        }

        if (bytes > batchBytes)
        {
            Flush(frames);
            AddLarge(report, frames);
            return;
        }

        if (batch.Count > 0 && size + bytes > batchBytes)
        {
            Flush(frames);
        }

        batch.Add(report);
        size += bytes;
    }

    // Judged whole before it is split: a part that is left out would leave its step open for ever.
    private void AddLarge(StepReport report, List<StoredFrame> frames)
    {
        var whole = Steps([report]);
        whole.Sequence = Sequence + 1;
        var next = state;
        if ((validator.Validate(whole) ?? next.Accept(whole)) is { } error)
        {
            LeftOut(whole, error);
            return;
        }

        foreach (var part in ReportSplitter.Split(report, batchBytes))
        {
            Seal(Steps([part]), frames);
        }
    }

    private void LeftOut(TrainerFrame frame, FrameError error) => speaker.Once($"left out {frame.BodyCase}", $"a report was left out, {error}");

    private void Flush(List<StoredFrame> frames)
    {
        if (batch.Count == 0)
        {
            return;
        }

        // Together where all are good; else one by one, so that only the bad ones are left out.
        if (!Seal(Steps(batch), frames, last: batch.Count == 1))
        {
            foreach (var report in batch.Count == 1 ? [] : batch)
            {
                Seal(Steps([report]), frames);
            }
        }

        batch.Clear();
        size = 0;
    }

    private static TrainerFrame Steps(List<StepReport> reports) => new() { Steps = new() { Reports = { reports } } };

    private bool Seal(TrainerFrame frame, List<StoredFrame> frames, bool last = true)
    {
        frame.Sequence = Sequence + 1;
        var next = state;
        if ((validator.Validate(frame) ?? next.Accept(frame)) is { } error)
        {
            if (last)
            {
                LeftOut(frame, error);
            }

            return false;
        }

        state = next;
        Sequence++;
        frames.Add(new(Sequence, frame.ToByteArray(), StoredFrame.IsGround(frame) ? frame : null));
        return true;
    }
}
