using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>Notices, without held-out data, that a run has memorized: it fits the training set, and most of the loss fell while the gradients of
/// different examples disagreed on average (ρ below 1). The second half tells memorizing from learning: clean digits lose all of their loss
/// with ρ above 1, modular addition and random labels lose all of theirs with ρ below 1.</summary>
public sealed class MemorizedClock
{
    /// <summary>Training accuracy that counts as fitted.</summary>
    public const double FittedAccuracy = 0.99;

    /// <summary>Share of the first loss below which the run counts as fitted where accuracy is not reported.</summary>
    public const double FittedLoss = 0.1;

    /// <summary>Share of the fall of the loss that must have come with ρ below 1. A quarter: minibatch runs under strong decay pass ρ = 1 while half of their loss and more is still to fall; clean digits have none.</summary>
    public const double DisagreeingShare = 0.25;

    /// <summary>Share of the first loss that must have fallen before ρ counts as that of a run that fits: the first gradients all point one way.</summary>
    public const double FittingShare = 0.2;

    // Weight of a new step in the smoothed loss and accuracy: full-batch values carry no sampling noise.
    private const double MinibatchRate = 0.05;
    private const double FullBatchRate = 0.5;

    private readonly ExponentialMean loss = new();
    private readonly ExponentialMean accuracy = new();
    private double firstLoss = double.NaN;
    private double drop;
    private double disagreeingDrop;
    private double lastRatio = double.NaN;

    /// <summary>Step at which the run had memorized; −1: it has not.</summary>
    public long Since { get; private set; } = -1;

    /// <summary>Step of the first loss; −1: none yet.</summary>
    public long FirstStep { get; private set; } = -1;

    /// <summary>Lowest ρ while the run fitted.</summary>
    public double LowestRatio { get; private set; } = double.PositiveInfinity;

    /// <summary>Smoothed training loss over the first one; NaN before the first.</summary>
    public double LossShare => loss.Value / firstLoss;

    /// <summary>Smoothed training loss.</summary>
    public double Loss => loss.Value;

    /// <summary>Smoothed training accuracy; NaN: not reported.</summary>
    public double Accuracy => accuracy.Value;

    /// <summary>Takes a step.</summary>
    public void Add(in DetectorContext context)
    {
        var ratio = context[RunSeries.LooRatio];
        lastRatio = double.IsFinite(ratio) ? ratio : lastRatio;
        var rate = context.Configuration.Sampling is SamplingScheme.FullBatch ? FullBatchRate : MinibatchRate;
        if (double.IsFinite(context[RunSeries.Accuracy]))
        {
            accuracy.Add(context[RunSeries.Accuracy], rate);
        }

        var value = context[RunSeries.Loss];
        if (!double.IsFinite(value))
        {
            return;
        }

        if (double.IsNaN(firstLoss))
        {
            firstLoss = value;
            FirstStep = context.Step;
        }

        var before = loss.Value;
        loss.Add(value, rate);
        if (loss.Count > 1 && double.IsFinite(lastRatio))
        {
            drop += before - loss.Value;
            disagreeingDrop += lastRatio < 1 ? before - loss.Value : 0;
        }

        if (Since < 0 && drop >= FittingShare * firstLoss && double.IsFinite(lastRatio))
        {
            LowestRatio = Math.Min(LowestRatio, lastRatio);
        }

        if (Since < 0 && IsFitted() && drop >= 0.5 * firstLoss && disagreeingDrop >= DisagreeingShare * drop)
        {
            Since = context.Step;
        }
    }

    /// <summary>A new segment.</summary>
    public void Reset()
    {
        loss.Reset();
        accuracy.Reset();
        firstLoss = double.NaN;
        drop = 0;
        disagreeingDrop = 0;
        lastRatio = double.NaN;
        LowestRatio = double.PositiveInfinity;
        Since = -1;
        FirstStep = -1;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        loss.Save(writer);
        accuracy.Save(writer);
        writer.Write(firstLoss);
        writer.Write(drop);
        writer.Write(disagreeingDrop);
        writer.Write(lastRatio);
        writer.Write(LowestRatio);
        writer.Write(Since);
        writer.Write(FirstStep);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        loss.Load(ref reader);
        accuracy.Load(ref reader);
        firstLoss = reader.ReadDouble();
        drop = reader.ReadDouble();
        disagreeingDrop = reader.ReadDouble();
        lastRatio = reader.ReadDouble();
        LowestRatio = reader.ReadDouble();
        Since = reader.ReadInt64();
        FirstStep = reader.ReadInt64();
    }

    private bool IsFitted() =>
        accuracy.Count > 0 ? accuracy.Value >= FittedAccuracy : loss.Value <= FittedLoss * firstLoss;
}
