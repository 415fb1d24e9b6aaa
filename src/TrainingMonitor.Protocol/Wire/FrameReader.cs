using Google.Protobuf;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Protocol.Wire;

/// <summary>
/// Turns a frame's bytes into a message, with bounded memory: the number of bytes and of nested messages is checked before anything is
/// allocated (two bytes on the wire can be a hundred in memory), and fields of a newer protocol are dropped (the bytes keep them).
/// </summary>
/// <param name="limits">What a frame may hold.</param>
public sealed class FrameReader(FrameLimits limits)
{
    private static readonly MessageParser<TrainerFrame> Parser = TrainerFrame.Parser.WithDiscardUnknownFields(true);

    /// <summary>Parses one frame. Never throws on bad bytes.</summary>
    /// <param name="raw">The bytes.</param>
    /// <param name="frame">The message; null when refused. Columns of steps are slices of <paramref name="raw"/>.</param>
    /// <returns>Null, or why the frame is refused.</returns>
    public FrameError? Read(RawTrainerFrame raw, out TrainerFrame? frame)
    {
        ArgumentNullException.ThrowIfNull(raw);
        frame = null;
        var bytes = raw.Bytes.Span;
        if (bytes.Length > limits.MaxFrameBytes)
        {
            return FrameError.Limit("frame", $"{bytes.Length} bytes, at most {limits.MaxFrameBytes} are taken");
        }

        var scan = new FrameScan(limits);
        if (scan.Check(bytes) is { } error)
        {
            return error;
        }

        try
        {
            frame = StepFrames.Read(raw.Bytes) ?? Parser.ParseFrom(bytes);
            return null;
        }
        catch (InvalidProtocolBufferException e)
        {
            return FrameError.Invalid("frame", $"not a trainmon.v1.TrainerFrame: {e.Message}");
        }
    }
}
