using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>How much, in nats: what fresh examples gained and what the training loss did since the harm began, with slow forgetting, so that a
/// tiny harm does not become material by going on for long.</summary>
public sealed class MemorizationBalance
{
    /// <summary>Share of the loss at the start of training that fresh examples must lose within about <see cref="HorizonEpochs"/> epochs. Runs that
    /// memorize lose 5% and more; clean, regularized ones at most 1.5%, since examples half forgotten and learnt again count as harm.</summary>
    public const double MaterialShare = 0.03;

    /// <summary>Share of the loss at the start of training that the training loss must have fallen meanwhile. A run at rest under strong decay learns and
    /// forgets without falling: one of 8 such runs, clean, alarmed with a fall of 0.35%; runs that memorize fall by 1.5% and more.</summary>
    public const double LeastDropShare = 0.01;

    /// <summary>Harm must be this large a part of what the training loss fell.</summary>
    public const double DropShare = 0.15;

    /// <summary>Horizon of the forgetting, epochs.</summary>
    public const double HorizonEpochs = 10;

    /// <summary>Steps an epoch where the run does not say.</summary>
    public const double DefaultEpoch = 20;

    private const int StartLosses = 10;

    private readonly ExponentialMean loss = new();
    private double startSum;
    private int startCount;
    private double scale;

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

    /// <summary>The least of three ratios, each of which must reach 1: the fall of the training loss, and the harm, against their least shares of the loss at
    /// the start, and the harm against its least share of the fall.</summary>
    public double Material => scale > 0
        ? Math.Min(TrainDrop / (LeastDropShare * scale), -FreshGain / Math.Max(MaterialNats, DropShare * TrainDrop))
        : 0;

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

    /// <summary>The harm, if there is any, begins here.</summary>
    public void Restart()
    {
        FreshGain = 0;
        TrainDrop = 0;
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
