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

    /// <summary>Largest LOO ratio ρ at which harm is believed at once: 1 + n|G|²/tr Σ says how far the mean gradient is above what the sampling of n training examples
    /// explains. Far above it most of the gradient is signal, which helps fresh examples too, whatever the half-sum says: its error of third order is largest in runs that hover in their
    /// noise. Development runs that memorize: 0.3–5.2 around their onset, and about 7 to 13 where momentum 0.9 meets a large learning rate, whose oscillation is gradient too; healthy ones that the half-sum misjudges: 13 and more.</summary>
    public const double LargestLooRatio = 11;

    /// <summary>Share of the loss at the start of training that is believed at any ρ. Healthy runs that the half-sum misjudges lost 0.1 and 0.22 of it.</summary>
    public const double LargeHarmShare = 0.5;

    /// <summary>Part of the loss at the start of training by which the half-sum may credit fresh examples with more than the training loss fell. Beyond it the steps are too large for it: what it
    /// says of them, harm included, is not to be trusted.</summary>
    public const double DoubtShare = 1;

    private const int StartLosses = 10;

    private readonly ExponentialMean loss = new();
    private double startSum;
    private int startCount;
    private double scale;
    private double looRatioSum;
    private long looRatios;
    private double credited;
    private double fallen;

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
    /// the start; the harm against its least share of the fall; and <see cref="LargestLooRatio"/> against the mean of ρ meanwhile, where ρ is known, or else the harm against
    /// <see cref="LargeHarmShare"/>.</summary>
    public double Material => scale > 0
        ? Math.Min(
            Math.Max(Agreement, -FreshGain / (LargeHarmShare * scale)),
            Math.Min(TrainDrop / (LeastDropShare * scale), -FreshGain / Math.Max(MaterialNats, DropShare * TrainDrop)))
        : 0;

    /// <summary>The half-sum credits fresh examples with so much more than the training loss fell that it cannot be right.</summary>
    public bool IsDoubtful => scale > 0 && Excess > DoubtShare * scale;

    /// <summary>The excess is below half of what makes it doubtful.</summary>
    public bool IsTrusted => !(Excess > 0.5 * DoubtShare * scale);

    /// <summary>What the half-sum credited fresh examples with over about <see cref="HorizonEpochs"/> epochs, nats, whether harm began meanwhile or not.</summary>
    public double Credited => credited;

    /// <summary>What the smoothed training loss fell over the same time.</summary>
    public double Fallen => fallen;

    private double Excess => credited - Math.Max(0, fallen);

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
            fallen += before - loss.Value;
        }

        TrainDrop -= TrainDrop / Horizon(configuration);
        fallen -= fallen / Horizon(configuration);
    }

    /// <summary>Takes a gain on fresh examples that stands for so many steps.</summary>
    public void AddGain(double gain, double steps, RunConfiguration configuration)
    {
        var forgotten = Math.Min(1, steps / Horizon(configuration));
        FreshGain += steps * gain;
        FreshGain -= FreshGain * forgotten;
        credited += steps * gain;
        credited -= credited * forgotten;
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
        (credited, fallen) = (0, 0);
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
        writer.Write(credited);
        writer.Write(fallen);
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
        credited = reader.ReadDouble();
        fallen = reader.ReadDouble();
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
