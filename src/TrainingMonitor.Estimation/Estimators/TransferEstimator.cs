using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>What each update gains on examples it did not see, in nats. A pair (t−1, t) gives ½(own_loo_{t−1} + cross_t), the gain of a fresh batch up
/// to second order without an extra pass; the lag regression takes recently seen examples out. Sums over the segment give fresh gain and memorized
/// nats (docs/statistics.md §3).</summary>
internal sealed class TransferEstimator : Estimator
{
    /// <summary>Weight a pair keeps in γ: 100 pairs long.</summary>
    public const double RatioDecay = 0.99;

    /// <summary>First steps of Adam, where P_k = ∂u_k/∂g_k ignores too much of v̂ (0.13–0.44 of the truth).</summary>
    public const int AdamMute = 20;

    private readonly LayerTransfer layers = new();
    private LagRegression regression;
    private MemorizedNats memorized;
    private Ema gain;
    private Ema absoluteOwn;
    private HeldSelf held;
    private double previousOwn = double.NaN;
    private double previousSelf = double.NaN;
    private bool previousSelfHeld;
    private double updates;
    private double uncounted;

    /// <summary>The pair that the last step closed.</summary>
    public TransferReading Reading { get; private set; }

    /// <summary>The same, layer by layer.</summary>
    public LayerPairs LayerPairs => layers.Pairs;

    public override void SetLayers(ReadOnlySpan<int> previousIndex)
    {
        if (!layers.IsSameTable(previousIndex))
        {
            // Own of the old layers and cross of the new ones are no pair.
            previousOwn = double.NaN;
        }

        layers.SetLayers(previousIndex);
    }

    public override void BeginSegment()
    {
        (regression, memorized, gain, absoluteOwn, held) = (default, default, default, default, default);
        (updates, uncounted, previousOwn, previousSelf, previousSelfHeld) = (0, 0, double.NaN, double.NaN, false);
        layers.BeginSegment();
        Reading = default;
    }

    public override void Apply(in SeriesTarget target)
    {
        var step = target.Step;
        var terms = new StepTerms(target);
        updates += target.Advance;
        uncounted += target.Advance;
        Reading = default;
        layers.Begin();
        if (target.Follows && double.IsFinite(previousOwn) && (step.Flags & (StepFlags.Skipped | StepFlags.PairInvalid)) == StepFlags.None && !Muted(target))
        {
            Close(target, terms);
        }

        Open(target, terms);
        layers.Open(target, (step.Flags & StepFlags.Skipped) == StepFlags.None, Muted(target));
    }

    public override void Save(StateWriter writer)
    {
        regression.Save(writer);
        memorized.Save(writer);
        gain.Save(writer);
        absoluteOwn.Save(writer);
        held.Save(writer);
        writer.Write([previousOwn, previousSelf, updates, uncounted]);
        writer.Write(previousSelfHeld);
        layers.Save(writer);
    }

    public override void Load(ref StateReader reader)
    {
        regression = LagRegression.Load(ref reader);
        memorized.Load(ref reader);
        gain = Ema.Load(ref reader);
        absoluteOwn = Ema.Load(ref reader);
        held = HeldSelf.Load(ref reader);
        Span<double> v = stackalloc double[4];
        reader.Read(v);
        (previousOwn, previousSelf, updates, uncounted) = (v[0], v[1], v[2], v[3]);
        previousSelfHeld = reader.ReadBoolean();
        layers.Load(ref reader);
    }

    private static bool Muted(in SeriesTarget target) =>
        target.Configuration.Optimizer is OptimizerKind.Adam or OptimizerKind.AdamW && target.Step.Step <= AdamMute;

    private void Close(in SeriesTarget target, in StepTerms terms)
    {
        var step = target.Step;
        var corrected = step.HasLag ? regression.Intercept(step.Lag) * target.Unclip : double.NaN;
        var lag = double.IsFinite(corrected);
        var seam = (step.Flags & StepFlags.EpochSeam) != StepFlags.None;
        if (!double.IsFinite(terms.Cross) || !double.IsFinite(previousSelf) || (seam && !lag))
        {
            return;
        }

        var ownLoo = previousOwn - previousSelf;
        var freshCross = lag ? corrected + terms.DecayCross : terms.Cross;
        var mayTell = lag || OverlapPolicy.AllowsPlainCross(target.Configuration);
        Reading = new TransferReading
        {
            Usable = true,
            Own = previousOwn,
            OwnLoo = ownLoo,
            Cross = terms.Cross,
            FreshCross = freshCross,
            Gain = 0.5 * (ownLoo + terms.Cross),
            FreshGain = mayTell ? 0.5 * (ownLoo + freshCross) : double.NaN,
            Steps = updates,
            LagCorrected = lag,
            SelfHeld = previousSelfHeld,
        };
        Accumulate(target);
        layers.Close(target);
        updates = 0;
    }

    private void Accumulate(in SeriesTarget target)
    {
        gain.Add(Reading.Gain, RatioDecay);
        absoluteOwn.Add(Math.Abs(Reading.Own), RatioDecay);
        target[RunSeries.TransferGain] = Reading.Gain;
        target[RunSeries.TransferRatio] = absoluteOwn.Value > 0 ? gain.Value / absoluteOwn.Value : double.NaN;
        var loss = target.Step[StepValue.Loss];
        if (!double.IsFinite(Reading.FreshGain) || !Usable.Is(loss))
        {
            return;
        }

        // Updates whose gain nobody could tell count with the next gain that is known, unless they are too many.
        if (uncounted > Math.Max(64, 8L * target.Configuration.PairInterval))
        {
            memorized.Break();
        }

        memorized.Add(Reading.FreshGain, uncounted, loss);
        uncounted = 0;
        target[RunSeries.FreshGain] = memorized.Fresh;
        target[RunSeries.MemorizedNats] = memorized.Value;
    }

    // Keeps what the next step needs of this one: own and its self term, measured or held.
    private void Open(in SeriesTarget target, in StepTerms terms)
    {
        var step = target.Step;
        if ((step.Flags & StepFlags.Skipped) != StepFlags.None)
        {
            // The update is zero: it gains nothing and does not stand for a step.
            updates = Math.Max(0, updates - 1);
            uncounted = Math.Max(0, uncounted - 1);
            previousOwn = double.NaN;
            return;
        }

        held.Advance(target.Advance);
        if (!Muted(target))
        {
            held.Add(terms.Self, terms.Own);
        }

        previousOwn = terms.Own;
        previousSelfHeld = !double.IsFinite(terms.Self);
        previousSelf = previousSelfHeld ? held.For(terms.Own, target.Configuration.ExactInterval) : terms.Self;
    }
}
