using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>The sequential test behind <see cref="MemorizationDetector"/>: are gains on fresh examples negative on average?
/// Half of what loss, own, gradient norm and self term of the same batch tell of its noise is taken out first (<see cref="ControlVariates"/>; they explain a half to five sixths of the
/// variance in the recorded runs), then it is divided by a running scale known before it came. The null is a conditional mean of −<see cref="Slack"/> scales of the raw gain or more; it
/// does not depend on units or on the learning rate.</summary>
public sealed class FreshGainTest
{
    /// <summary>Average run length in readings: the evidence an alarm needs is its logarithm, 9.2 nats.</summary>
    public const double AverageRunLength = 1e4;

    /// <summary>Evidence that fresh examples are helped again, before an alarm resolves.</summary>
    public const double RecoveryRunLength = 1e3;

    /// <summary>The e-detector must reach this many times the average run length: the price of controls whose mean is forecast. On independent noise the run length is then as promised
    /// where they explain up to two thirds of it (half as long at four fifths; three times as long without controls), docs/evaluation/nulls.md.</summary>
    public const double PriceOfControls = 3;

    /// <summary>Mean, in scales of the raw gain, that still counts as none: the half-sum drops terms of third order in the step, which on healthy one-pass runs
    /// with large steps leave a mean of at most 0.02 scales. Half of that is taken here: plain SGD that memorizes has a mean of 0.1, and what a healthy run loses so is not material
    /// (<see cref="MemorizationBalance"/>).</summary>
    public const double Slack = 0.01;

    /// <summary>Readings before the first bet, so that the scale is one.</summary>
    public const int Warmup = 20;

    private const double ScaleRate = 0.05;

    private readonly EDetector harm = new();
    private readonly LayerEvidence layers = new();
    private readonly EDetector recovery = new();
    private readonly OnsetClock onset = new();
    private readonly ControlVariates noise = new(FreshGainStream.ControlCount);
    private readonly ExponentialMean rawSquare = new();
    private readonly ExponentialMean square = new();

    /// <summary>Nats of evidence that fresh examples are harmed: by the run's updates, or by those of some layer; half of the weight each.</summary>
    public double Evidence => Math.Log(Math.Max(Combined, double.Epsilon));

    /// <summary>Whether the evidence suffices.</summary>
    public bool Crossed => Combined >= AverageRunLength;

    /// <summary>Whether fresh examples are helped again; looked at while an alarm stands.</summary>
    public bool Recovered => recovery.Value >= PriceOfControls * RecoveryRunLength;

    /// <summary>Where the harm began.</summary>
    public long OnsetStep => onset.Since;

    /// <summary>The last gain without the noise that is explained, nats.</summary>
    public double Gain { get; private set; } = double.NaN;

    /// <summary>The same in scales; NaN before the scale is known.</summary>
    public double Standard { get; private set; } = double.NaN;

    // A mean of e-detectors is one: E[M_t | past] ≤ M_{t−1} + 1 holds for each.
    private double Combined => (0.5 * harm.Value / PriceOfControls) + (0.5 * layers.Value);

    /// <summary>The layer with the most evidence of its own; −1 where none has any.</summary>
    public int StrongestLayer => layers.StrongestLayer;

    /// <summary>The layer table changed.</summary>
    public void SetLayers(ReadOnlySpan<int> previousIndex) => layers.SetLayers(previousIndex);

    /// <summary>Takes the reading of a step, layer by layer; called before <see cref="Add"/>.</summary>
    public void AddLayers(in TransferReading pair, in LayerPairs pairs, bool cutByBatch, bool complete) => layers.Add(pair, pairs, cutByBatch, complete);

    /// <summary>Takes the gain of a batch, nats, with the controls of <see cref="FreshGainStream"/>. True where the harm, if there is any, begins at this step or later.</summary>
    public bool Add(double gain, ReadOnlySpan<double> controls, long step)
    {
        var began = true;
        Gain = noise.Add(gain, controls);
        Standard = double.NaN;
        if (square.Count >= Warmup)
        {
            var scale = Math.Sqrt(square.Value);
            Standard = scale > 0 ? Gain / scale : 0;
            var slack = scale > 0 ? Slack * Math.Sqrt(rawSquare.Value) / scale : Slack;
            harm.Add(-Standard - slack);
            recovery.Add(Standard - slack);
            onset.Add(-Standard - slack, step);
            began = onset.Since == step;
        }
        else
        {
            onset.Reset(step);
        }

        rawSquare.Add(gain * gain, ScaleRate);
        square.Add(Gain * Gain, ScaleRate);
        return began;
    }

    /// <summary>Starts the evidence again; the scale stays.</summary>
    public void Restart(long step)
    {
        harm.Reset();
        layers.Restart();
        recovery.Reset();
        onset.Reset(step);
    }

    /// <summary>Starts the evidence of recovery again: called when an alarm begins.</summary>
    public void RestartRecovery() => recovery.Reset();

    /// <summary>Forgets everything.</summary>
    public void Reset(long step)
    {
        Restart(step);
        layers.Reset();
        square.Reset();
        rawSquare.Reset();
        noise.Reset();
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        harm.Save(writer);
        layers.Save(writer);
        recovery.Save(writer);
        onset.Save(writer);
        square.Save(writer);
        rawSquare.Save(writer);
        noise.Save(writer);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        harm.Load(ref reader);
        layers.Load(ref reader);
        recovery.Load(ref reader);
        onset.Load(ref reader);
        square.Load(ref reader);
        rawSquare.Load(ref reader);
        noise.Load(ref reader);
    }
}
