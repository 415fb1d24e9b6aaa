using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>
/// Judges one frame by itself. What depends on earlier frames (layer table, stamps, parts) is judged by <see cref="StreamValidationState"/>.
/// A frame is refused whole. Allocates nothing for a good frame of steps, probes or scalars. Safe to share between threads.
/// </summary>
/// <remarks>
/// <para>NaN and infinities are measurements: they are taken in columns, loss, accuracy, probes, lag sums of gradients and user scalars. They are refused
/// in counts, times and the description of the run.</para>
/// <para>Newer clients: an unknown statistic, probe kind, optimizer or sampling scheme is taken and ignored (its column must still be well formed), unknown
/// fields are dropped; a frame whose body is unknown, and a protocol version other than <see cref="ProtocolVersion"/>, are refused.</para>
/// </remarks>
/// <param name="limits">What a frame may hold.</param>
public sealed class FrameValidator(FrameLimits limits)
{
    /// <summary>Version of the protocol that this code speaks.</summary>
    public const uint ProtocolVersion = 1;

    private readonly DescriptionRules descriptions = new(limits);
    private readonly LayerTableRules tables = new(limits);
    private readonly StepRules steps = new(limits);

    /// <summary>Null, or why the frame is refused.</summary>
    public FrameError? Validate(TrainerFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.BodyCase == TrainerFrame.BodyOneofCase.Hello)
        {
            return frame.Sequence == 0 ? Hello(frame.Hello) : Invalid("sequence", $"{frame.Sequence}, a Hello has 0");
        }

        if (frame.Sequence == 0)
        {
            return Invalid("sequence", "0, only a Hello has that");
        }

        if (NumberRules.Count(frame.Sequence) is { } absurd)
        {
            return Invalid("sequence", absurd);
        }

        return frame.BodyCase switch
        {
            TrainerFrame.BodyOneofCase.LayerTable => tables.Check(frame.LayerTable, "layer_table"),
            TrainerFrame.BodyOneofCase.Steps => steps.Check(frame.Steps),
            TrainerFrame.BodyOneofCase.Probe => Probe(frame.Probe),
            TrainerFrame.BodyOneofCase.Scalars => Scalars(frame.Scalars),
            TrainerFrame.BodyOneofCase.Goodbye => Goodbye(frame.Goodbye),
            TrainerFrame.BodyOneofCase.Description => descriptions.Check(frame.Description, "description"),
            _ => Invalid("frame", "no body, or one of a newer protocol"),
        };
    }

    private FrameError? Hello(Hello hello)
    {
        if (hello.ProtocolVersion != ProtocolVersion)
        {
            return new(
                StatusCode.FailedPrecondition,
                "hello.protocol_version",
                $"version {hello.ProtocolVersion}, this server speaks {ProtocolVersion}; update the {(hello.ProtocolVersion > ProtocolVersion ? "server" : "client")}");
        }

        return At("hello.run_id", TextRules.Id(hello.RunId, limits.MaxNameBytes))
            ?? At("hello.project", TextRules.Id(hello.Project, limits.MaxNameBytes))
            ?? At("hello.run_name", TextRules.Text(hello.RunName, limits.MaxTextBytes))
            ?? At("hello.client_start_id", hello.HasRestartCount && hello.ClientStartId.Length == 0 ? null : TextRules.Id(hello.ClientStartId, limits.MaxNameBytes))
            ?? At("hello.restart_count", hello.RestartCount <= int.MaxValue ? null : $"{hello.RestartCount}, at most {int.MaxValue} is taken")
            ?? At("hello.world_size", hello.WorldSize <= limits.MaxRanks ? null : $"{hello.WorldSize} ranks, at most {limits.MaxRanks} are taken")
            ?? At("hello.rank", hello.Rank < Math.Max(hello.WorldSize, 1) ? null : $"{hello.Rank}, below the world size {Math.Max(hello.WorldSize, 1)} is wanted")
            ?? At("hello.newest_sequence", NumberRules.Count(hello.NewestSequence))
            ?? At("hello.oldest_sequence", hello.OldestSequence <= hello.NewestSequence + 1 ? null : $"{hello.OldestSequence}, above newest_sequence {hello.NewestSequence}")
            ?? (hello.Description is null ? null : descriptions.Check(hello.Description, "hello.description"))
            ?? (hello.LayerTable is null ? null : tables.Check(hello.LayerTable, "hello.layer_table"))
            ?? At("hello.client", TextRules.Text(hello.Client, limits.MaxTextBytes))
            ?? At("hello.host", TextRules.Text(hello.Host, limits.MaxTextBytes))
            ?? At("hello.time_unix_ns", NumberRules.Stamp(hello.TimeUnixNs));
    }

    private FrameError? Probe(ProbeResult probe) =>
        At("probe.kind", probe.Kind == ProbeKind.Unspecified ? "not given" : null)
        ?? At("probe.step", NumberRules.Count(probe.Step))
        ?? At("probe.time_unix_ns", NumberRules.Stamp(probe.TimeUnixNs))
        ?? At("probe.standard_error", probe.StandardError < 0 ? $"{probe.StandardError} is negative" : null)
        ?? At("probe.seconds", NumberRules.NonNegative(probe.Seconds));

    private FrameError? Scalars(LogScalars scalars)
    {
        if (At("scalars.step", NumberRules.Count(scalars.Step)) is { } step)
        {
            return step;
        }

        if (At("scalars.time_unix_ns", NumberRules.Stamp(scalars.TimeUnixNs)) is { } stamp)
        {
            return stamp;
        }

        if (scalars.Scalars.Count > limits.MaxScalars)
        {
            return Limit("scalars.scalars", $"{scalars.Scalars.Count} scalars, at most {limits.MaxScalars} are taken");
        }

        for (var i = 0; i < scalars.Scalars.Count; i++)
        {
            if (TextRules.Name(scalars.Scalars[i].Name, limits.MaxNameBytes) is { } wrong)
            {
                return Invalid($"scalars.scalars[{i}].name", wrong);
            }
        }

        return null;
    }

    private FrameError? Goodbye(Goodbye goodbye) =>
        At("goodbye.time_unix_ns", NumberRules.Stamp(goodbye.TimeUnixNs))
        ?? At("goodbye.steps_thinned", NumberRules.Count(goodbye.StepsThinned))
        ?? At("goodbye.message", TextRules.Text(goodbye.Message, limits.MaxTextBytes));

    private static FrameError? At(string path, string? wrong) => wrong is null ? null : Invalid(path, wrong);
}
