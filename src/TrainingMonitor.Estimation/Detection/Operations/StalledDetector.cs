using System.Globalization;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Operations;

/// <summary>No report came within the time the trainer promised. The clock is not here: the caller says when, the next step resolves it.</summary>
public sealed class StalledDetector : Detector
{
    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.Stalled,
        FindingSeverity.Warning,
        "step_seconds",
        "exact: nothing came within the time the trainer itself promised",
        "See whether the process still runs, waits for data or another rank, or lost its connection; its own log knows.");

    private readonly AlertLifecycle alert = new(Rule);

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        if (alert.IsFiring)
        {
            var summary = string.Create(CultureInfo.InvariantCulture, $"Reports come again: step {context.Step}.");
            alert.Resolve(context, sink, new AlertEvidence(double.NaN, double.NaN, alert.SinceStep, summary));
        }
    }

    /// <inheritdoc/>
    public override void Stalled(in DetectorContext context, double promisedSeconds, FindingSink sink)
    {
        if (!alert.IsFiring)
        {
            var after = context.Step < 0 ? "since the start" : string.Create(CultureInfo.InvariantCulture, $"after step {context.Step}");
            var summary = string.Create(CultureInfo.InvariantCulture, $"No report {after} within the promised {promisedSeconds:0.#} s.");
            alert.Fire(context, sink, new AlertEvidence(promisedSeconds, promisedSeconds, context.Step, summary), context.Step);
        }
    }

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink) =>
        alert.Close(context, sink, "Reports come again, in a new segment.");

    /// <inheritdoc/>
    public override void End(in DetectorContext context, FindingSink sink) => alert.Close(context, sink, "The run ended.");

    /// <inheritdoc/>
    public override void Save(StateWriter writer) => alert.Save(writer);

    /// <inheritdoc/>
    public override void Load(ref StateReader reader) => alert.Load(ref reader);
}
