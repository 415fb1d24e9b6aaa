using System.Numerics;
using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Signal share of each layer: average of ½(own_loo_{t−1} + cross_t) over average of |own_{t−1}|, between −1 and 1. Near 1 the layer's updates help other
/// examples as much as their own (signal channel), near 0 only their own (reservoir), below 0 they harm others. Not corrected for the lag (its sums are
/// run-level): with replacement, or few batches an epoch, it reads too high.</summary>
internal sealed class LayerTransfer
{
    private const int OwnRow = 0;
    private const int SelfRow = 1;
    private const int GainRow = 2;
    private const int AbsoluteRow = 3;
    private const int HeldRow = 4;
    private const int HeldOwnRow = 5;
    private readonly LayerState state = new(6);
    private double[] pairOwnLoo = [];
    private double[] pairSelf = [];
    private double[] pairCross = [];
    private bool open;
    private bool closed;

    /// <summary>The pair that the last step closed.</summary>
    public LayerPairs Pairs => closed ? new LayerPairs { OwnLoo = pairOwnLoo, Self = pairSelf, Cross = pairCross } : default;

    /// <summary>Whether the table only repeats the present one.</summary>
    public bool IsSameTable(ReadOnlySpan<int> previousIndex)
    {
        var same = previousIndex.Length == state.LayerCount;
        for (var i = 0; same && i < previousIndex.Length; i++)
        {
            same = previousIndex[i] == i;
        }

        return same;
    }

    public void SetLayers(ReadOnlySpan<int> previousIndex)
    {
        state.Remap(previousIndex);
        (pairOwnLoo, pairSelf, pairCross) = (new double[previousIndex.Length], new double[previousIndex.Length], new double[previousIndex.Length]);
        closed = false;
        for (var i = 0; i < previousIndex.Length; i++)
        {
            if (previousIndex[i] < 0)
            {
                state.Row(OwnRow)[i] = double.NaN;
            }
        }
    }

    public void BeginSegment()
    {
        state.Clear();
        open = false;
        closed = false;
    }

    /// <summary>A step begins: the last pair is no longer news.</summary>
    public void Begin() => closed = false;

    /// <summary>Closes the pair with this step's cross terms.</summary>
    public void Close(in SeriesTarget target)
    {
        var step = target.Step;
        if (!open || !step.Has(LayerStatistic.Cross))
        {
            return;
        }

        var cross = step.Column(LayerStatistic.Cross);
        var decay = DecayColumn(target, LayerStatistic.DecayCross);
        Span<double> own = state.Row(OwnRow), self = state.Row(SelfRow), gains = state.Row(GainRow), absolute = state.Row(AbsoluteRow);
        var share = target.Layer(LayerSeries.SignalShare);
        const double Kept = TransferEstimator.RatioDecay;
        closed = true;
        var i = 0;
        for (; i <= cross.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> selfTerm = new(self[i..]), ownTerm = new(own[i..]);
            var crossed = (new Vector<double>(cross[i..]) + (decay.IsEmpty ? Vector<double>.Zero : new Vector<double>(decay[i..]))) * target.Unclip;
            var gain = (ownTerm - selfTerm + crossed) * 0.5;
            (ownTerm - selfTerm).CopyTo(pairOwnLoo, i);
            selfTerm.CopyTo(pairSelf, i);
            crossed.CopyTo(pairCross, i);
            var good = LayerKernels.AreUsable(gain) & LayerKernels.AreUsable(ownTerm);
            LayerKernels.Blend(gains[i..], good, gain, Kept);
            LayerKernels.Blend(absolute[i..], good, Vector.Abs(ownTerm), Kept);
            var scale = new Vector<double>(absolute[i..]);
            var ratio = Vector.Min(Vector.Max(new Vector<double>(gains[i..]) / scale, -Vector<double>.One), Vector<double>.One);
            Vector.ConditionalSelect(good & Vector.GreaterThan(scale, Vector<double>.Zero), ratio, new Vector<double>(double.NaN)).CopyTo(share[i..]);
        }

        for (; i < cross.Length; i++)
        {
            var crossed = (cross[i] + (decay.IsEmpty ? 0 : decay[i])) * target.Unclip;
            var gain = (own[i] - self[i] + crossed) * 0.5;
            (pairOwnLoo[i], pairSelf[i], pairCross[i]) = (own[i] - self[i], self[i], crossed);
            if (Usable.Is(gain) && Usable.Is(own[i]))
            {
                gains[i] = (gains[i] * Kept) + (gain * (1 - Kept));
                absolute[i] = (absolute[i] * Kept) + (Math.Abs(own[i]) * (1 - Kept));
                share[i] = absolute[i] > 0 ? Math.Clamp(gains[i] / absolute[i], -1, 1) : double.NaN;
            }
        }
    }

    /// <summary>Keeps this step's own terms for the next; <paramref name="updated"/> is false where the optimizer skipped it;
    /// <paramref name="muted"/> steps are not held.</summary>
    public void Open(in SeriesTarget target, bool updated, bool muted)
    {
        var step = target.Step;
        open = updated && step.Has(LayerStatistic.Own);
        if (!open)
        {
            return;
        }

        var measured = step.UnitCount >= 2 && step.Has(LayerStatistic.SelfSecondMoment) && step.Has(LayerStatistic.SelfMeanSq);
        var own = step.Column(LayerStatistic.Own);
        var decay = DecayColumn(target, LayerStatistic.DecayOwn);
        ReadOnlySpan<double> second = step.Column(LayerStatistic.SelfSecondMoment), mean = step.Column(LayerStatistic.SelfMeanSq);
        Span<double> ownRow = state.Row(OwnRow), selfRow = state.Row(SelfRow), held = state.Row(HeldRow), heldOwn = state.Row(HeldOwnRow);
        const double Kept = HeldSelf.Decay;
        var (units, i) = (step.UnitCount - 1, 0);
        for (; i <= own.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var ownTerm = (new Vector<double>(own[i..]) + (decay.IsEmpty ? Vector<double>.Zero : new Vector<double>(decay[i..]))) * target.Unclip;
            var self = measured
                ? (new Vector<double>(second[i..]) - new Vector<double>(mean[i..])) * target.Unclip / new Vector<double>(units)
                : new Vector<double>(double.NaN);
            var known = LayerKernels.AreUsable(self);
            var take = muted ? Vector<long>.Zero : known & LayerKernels.AreUsable(ownTerm);
            LayerKernels.Blend(held[i..], take, self, Kept);
            LayerKernels.Blend(heldOwn[i..], take, Vector.Abs(ownTerm), Kept);
            ownTerm.CopyTo(ownRow[i..]);
            var scale = new Vector<double>(heldOwn[i..]);
            var ratio = Vector.Min(Vector.Max(new Vector<double>(held[i..]) / scale, Vector<double>.Zero), new Vector<double>(HeldSelf.LargestShare));
            var share = Vector.ConditionalSelect(Vector.GreaterThan(scale, Vector<double>.Zero), ratio, new Vector<double>(double.NaN));
            Vector.ConditionalSelect(known, self, share * Vector.Abs(ownTerm)).CopyTo(selfRow[i..]);
        }

        for (; i < own.Length; i++)
        {
            ownRow[i] = (own[i] + (decay.IsEmpty ? 0 : decay[i])) * target.Unclip;
            var self = measured ? (second[i] - mean[i]) * target.Unclip / units : double.NaN;
            if (!muted && Usable.Is(self) && Usable.Is(ownRow[i]))
            {
                held[i] = (held[i] * Kept) + (self * (1 - Kept));
                heldOwn[i] = (heldOwn[i] * Kept) + (Math.Abs(ownRow[i]) * (1 - Kept));
            }

            selfRow[i] = Usable.Is(self) ? self : HeldSelf.Of(held[i], heldOwn[i]) * Math.Abs(ownRow[i]);
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Write(open);
        state.Save(writer);
    }

    public void Load(ref StateReader reader)
    {
        open = reader.ReadBoolean();
        state.Load(ref reader);
    }

    private static ReadOnlySpan<double> DecayColumn(in SeriesTarget target, LayerStatistic statistic) =>
        target.Configuration.UpdateIncludesDecay ? default : target.Step.Column(statistic);
}
