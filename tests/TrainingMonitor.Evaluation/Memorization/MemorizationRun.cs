using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>A recorded run with its truth and what each statistic said of it.</summary>
internal sealed record MemorizationRun
{
    /// <summary>Configuration.</summary>
    public required string Cell { get; init; }

    /// <summary>Scored for the report only.</summary>
    public required bool HeldBack { get; init; }

    /// <summary>What happened.</summary>
    public required MemorizationTruth Truth { get; init; }

    /// <summary>Steps an epoch; for one-pass runs the whole run.</summary>
    public required double StepsPerEpoch { get; init; }

    /// <summary>Steps of the run.</summary>
    public required int Length { get; init; }

    /// <summary>The detector said that it cannot tell.</summary>
    public required bool CannotTell { get; init; }

    /// <summary>Gains on fresh examples in running scales, with their steps.</summary>
    public required AlarmTrace StandardGains { get; init; }

    /// <summary>Evidence in nats.</summary>
    public required AlarmTrace Evidence { get; init; }

    /// <summary>Size of the harm against the least that is material.</summary>
    public required AlarmTrace Material { get; init; }

    /// <summary>Baselines by name.</summary>
    public required IReadOnlyDictionary<string, AlarmTrace> Baselines { get; init; }

    /// <summary>Evidence against that of an average run length, and material harm: at 1 the detector alarms.</summary>
    public AlarmTrace Margin(double averageRunLength) =>
        new(Evidence.Steps, [.. Evidence.Values.Select((evidence, i) => Math.Min(evidence / Math.Log(averageRunLength), Material.Values[i]))]);

    /// <summary>Steps from the turn of held-out loss to an alarm; infinite for none.</summary>
    public double DelayOf(int? alarm) => alarm is { } step ? step - Truth.TurnStep : double.PositiveInfinity;

    /// <summary>Whether an alarm came more than two epochs, and more than a twentieth of the run, before the turn: not a detection.</summary>
    public bool IsTooEarly(int? alarm) => alarm is { } step && Truth.TurnStep - step > Math.Max(2 * StepsPerEpoch, 0.05 * Length);
}
