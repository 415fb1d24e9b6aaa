using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection;

/// <summary>State of one alert, pending → firing → resolved. A call that changes nothing adds no finding; callers look at
/// <see cref="IsFiring"/> before they build the evidence, so that a step without news allocates nothing.</summary>
public sealed class AlertLifecycle(AlertRule rule, int layer = -1)
{
    private FindingState state = FindingState.Resolved;

    /// <summary>The rule.</summary>
    public AlertRule Rule => rule;

    /// <summary>Whether the condition holds, not yet long enough.</summary>
    public bool IsPending => state is FindingState.Pending;

    /// <summary>Whether the condition holds.</summary>
    public bool IsFiring => state is FindingState.Firing;

    /// <summary>Whether there is something to resolve.</summary>
    public bool IsOpen => state is not FindingState.Resolved;

    /// <summary>First step of the condition; of use while open.</summary>
    public long SinceStep { get; private set; }

    /// <summary>The condition holds but not long enough, or cannot be judged. Nothing where it is open already.</summary>
    public void Pend(in DetectorContext context, FindingSink sink, in AlertEvidence evidence, long sinceStep)
    {
        if (!IsOpen)
        {
            SinceStep = sinceStep;
            Move(FindingState.Pending, context, sink, evidence);
        }
    }

    /// <summary>The condition holds. Nothing where it fires already.</summary>
    public void Fire(in DetectorContext context, FindingSink sink, in AlertEvidence evidence, long sinceStep)
    {
        if (!IsFiring)
        {
            SinceStep = IsOpen ? Math.Min(SinceStep, sinceStep) : sinceStep;
            Move(FindingState.Firing, context, sink, evidence);
        }
    }

    /// <summary>The condition is over. Nothing where it is not open.</summary>
    public void Resolve(in DetectorContext context, FindingSink sink, in AlertEvidence evidence)
    {
        if (IsOpen)
        {
            Move(FindingState.Resolved, context, sink, evidence);
        }
    }

    /// <summary>The condition is over because the part of the run it spoke of is: a new segment, or the end.</summary>
    public void Close(in DetectorContext context, FindingSink sink, string summary) =>
        Resolve(context, sink, new AlertEvidence(double.NaN, double.NaN, SinceStep, summary));

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write((int)state);
        writer.Write(SinceStep);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        var saved = (FindingState)reader.ReadInt32();
        state = Enum.IsDefined(saved) ? saved : throw new InvalidDataException($"State has alert state {(int)saved}.");
        SinceStep = reader.ReadInt64();
    }

    private void Move(FindingState to, in DetectorContext context, FindingSink sink, in AlertEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(sink);
        state = to;
        var finding = new Finding
        {
            Rule = rule.Rule,
            Layer = layer,
            State = to,
            Severity = rule.Severity,
            Step = context.Step,
            TimeUnixNs = context.TimeUnixNs,
            SinceStep = SinceStep,
            Statistic = rule.Statistic,
            Value = evidence.Value,
            Threshold = evidence.Threshold,
            WindowFrom = evidence.WindowFrom,
            WindowTo = context.Step,
            FalseAlarmControl = rule.FalseAlarmControl,
            Summary = evidence.Summary,
            Advice = rule.Advice,
            Missing = evidence.Missing ?? [],
        };
        sink.Add(evidence.Values is { } values ? finding with { Values = values } : finding);
        SinceStep = IsOpen ? SinceStep : 0;
    }
}
