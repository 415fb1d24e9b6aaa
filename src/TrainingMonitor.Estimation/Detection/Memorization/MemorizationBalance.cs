using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>How much, in nats: what fresh examples gained and what the training loss did since the harm began, with slow forgetting, so that a
/// tiny harm does not become material by going on for long.</summary>
public sealed class MemorizationBalance
{
    /// <summary>Share of the loss at the start of training that fresh examples must lose within about <see cref="HorizonEpochs"/> epochs. Runs that
    /// memorize lose 8% and more; clean, regularized ones at most 1.5%, since examples half forgotten and learnt again count as harm.</summary>
    public const double MaterialShare = 0.05;

    /// <summary>Share of the loss at the start of training below which a run has fit its examples: what is left to memorize is less than half of what would be
    /// material, and whether held-out loss rises by a few percent of its own lowest then hangs on a few examples that training never sees.</summary>
    public const double FitShare = 0.02;

    /// <summary>Share of the loss at the start of training that the training loss must have fallen meanwhile. A run at rest under strong decay learns and
    /// forgets without falling: one of 8 such runs, clean, alarmed with a fall of 0.35%; runs that memorize fall by 1.5% and more.</summary>
    public const double LeastDropShare = 0.01;

    /// <summary>Harm must be this large a part of what the training loss fell.</summary>
    public const double DropShare = 0.15;

    /// <summary>Horizon of the forgetting, epochs.</summary>
    public const double HorizonEpochs = 10;

    /// <summary>Steps an epoch where the run does not say.</summary>
    public const double DefaultEpoch = 20;

    /// <summary>Largest LOO ratio ρ of a run that memorizes: 1 + n|G|²/tr Σ says how far the mean gradient is above what the sampling of n training examples
    /// explains. Far above it most of the gradient is signal, which helps fresh examples too, whatever the half-sum says: its error of third order is largest in runs that hover in their
    /// noise. Development runs that memorize: 0.3–5.2 around their onset; healthy ones that the half-sum misjudges: 13 and more.</summary>
    public const double LargestLooRatio = 8;

    private const int StartLosses = 10;

    private readonly ExponentialMean loss = new();
    private double startSum;
    private int startCount;
    private double scale;
    private double looRatioSum;
    private long looRatios;

    /// <summary>Σ gain on fresh examples, nats.</summary>
    public double FreshGain { get; private set; }

    /// <summary>Fall of the smoothed training loss, nats.</summary>
    public double TrainDrop { get; private set; }

    /// <summary>Nats fresh examples must lose.</summary>
    public double MaterialNats => MaterialShare * scale;

    /// <summary>Smoothed training loss.</summary>
    public double Loss => loss.Value;

    /// <summary>Loss at the start of training, the largest over segments; 0: not known yet.</summary>
    public double StartLoss => scale;

    /// <summary>The least of four ratios, each of which must reach 1: the fall of the training loss, and the harm, against their least shares of the loss at
    /// the start; the harm against its least share of the fall; and <see cref="LargestLooRatio"/> against the mean of ρ meanwhile, where ρ is known.</summary>
    public double Material => scale > 0
        ? Math.Min(Agreement, Math.Min(TrainDrop / (LeastDropShare * scale), -FreshGain / Math.Max(MaterialNats, DropShare * TrainDrop)))
        : 0;

    // ρ over the time of the harm: its smoothed estimate still swings by a factor of several.
    private double Agreement => looRatioSum > 0 ? LargestLooRatio * looRatios / looRatioSum : double.PositiveInfinity;

    /// <summary>The training loss has fallen below <see cref="FitShare"/>.</summary>
    public bool IsFit => loss.Value < FitShare * scale;

    /// <summary>It has risen to twice that, so that there is something to judge again.</summary>
    public bool IsUnfitAgain => loss.Value > 2 * FitShare * scale;

    /// <summary>Training loss falls, and the harm is large enough to be worth a person's time.</summary>
    public bool IsMaterial => Material >= 1;

    /// <summary>Takes the loss of a step.</summary>
    public void AddLoss(double value, RunConfiguration configuration)
    {
        if (!double.IsFinite(value))
        {
            return;
        }

        if (startCount < StartLosses)
        {
            startSum += value;
            startCount++;
            if (startCount == StartLosses)
            {
                scale = Math.Max(scale, Math.Abs(startSum / StartLosses));
            }
        }

        var before = loss.Value;
        loss.Add(value, 1 / Math.Clamp(Epoch(configuration), DefaultEpoch, 10 * DefaultEpoch));
        if (loss.Count > 1)
        {
            TrainDrop += before - loss.Value;
        }

        TrainDrop -= TrainDrop / Horizon(configuration);
    }

    /// <summary>Takes a gain on fresh examples that stands for so many steps.</summary>
    public void AddGain(double gain, double steps, RunConfiguration configuration)
    {
        FreshGain += steps * gain;
        FreshGain -= FreshGain * Math.Min(1, steps / Horizon(configuration));
    }

    /// <summary>Takes ρ, the smoothed estimate, where it is known.</summary>
    public void AddLooRatio(double value)
    {
        if (double.IsFinite(value))
        {
            looRatioSum += value;
            looRatios++;
        }
    }

    /// <summary>The harm, if there is any, begins here.</summary>
    public void Restart()
    {
        FreshGain = 0;
        TrainDrop = 0;
        looRatioSum = 0;
        looRatios = 0;
    }

    /// <summary>A new segment: the scale of the loss stays.</summary>
    public void BeginSegment()
    {
        Restart();
        loss.Reset();
        startSum = 0;
        startCount = 0;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        loss.Save(writer);
        writer.Write(startSum);
        writer.Write(startCount);
        writer.Write(scale);
        writer.Write(looRatioSum);
        writer.Write(looRatios);
        writer.Write(FreshGain);
        writer.Write(TrainDrop);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        loss.Load(ref reader);
        startSum = reader.ReadDouble();
        startCount = reader.ReadInt32();
        scale = reader.ReadDouble();
        looRatioSum = reader.ReadDouble();
        looRatios = reader.ReadInt64();
        FreshGain = reader.ReadDouble();
        TrainDrop = reader.ReadDouble();
    }

    /// <summary>Steps an epoch; <see cref="DefaultEpoch"/> where unknown.</summary>
    public static double Epoch(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration switch
        {
            { StepsPerEpoch: > 0 } => configuration.StepsPerEpoch,
            { DatasetSize: > 0, BatchSize: > 0 } => Math.Max(1, (double)configuration.DatasetSize / configuration.BatchSize),
            _ => DefaultEpoch,
        };
    }

    // At least 200 steps, so that few batches an epoch still give enough readings; at most 2000, so that one long epoch does not remember for ever.
    private static double Horizon(RunConfiguration configuration) => Math.Clamp(HorizonEpochs * Epoch(configuration), 200, 2000);
}
