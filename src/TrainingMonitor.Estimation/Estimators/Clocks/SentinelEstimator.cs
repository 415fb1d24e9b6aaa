using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators.Clocks;

/// <summary>Loss on the withheld examples, at the steps where it was looked at, and its distance from the training loss of the last steps.</summary>
internal sealed class SentinelEstimator : Estimator
{
    // 20 batches of training loss.
    private const double Decay = 0.95;

    private Ema train;

    /// <inheritdoc/>
    public override void Apply(in SeriesTarget target)
    {
        if (target.Step.Sentinels is { } sentinels)
        {
            target[RunSeries.SentinelLoss] = sentinels.Fresh.Mean;
            target[RunSeries.SentinelLossError] = sentinels.Fresh.Error;
            target[RunSeries.SentinelSeenLoss] = sentinels.Seen.Mean;
            target[RunSeries.SentinelGap] = sentinels.Fresh.Mean - train.Value;
            target[RunSeries.SentinelRise] = sentinels.Rise.Mean;
        }

        train.Add(target.Step[StepValue.Loss], Decay);
    }

    /// <inheritdoc/>
    public override void BeginSegment() => train = default;

    /// <inheritdoc/>
    public override void Save(StateWriter writer) => train.Save(writer);

    /// <inheritdoc/>
    public override void Load(ref StateReader reader) => train = Ema.Load(ref reader);
}
