using System.Numerics;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary><see cref="PairMoments"/> of every layer, as rows over layers. All layers share one decay, so the sums of weights follow from one weight.</summary>
internal sealed class LayerMoments(double decay)
{
    private const int U = 0;
    private const int S = 1;
    private const int Weight = 2;
    private const int UU = 3;
    private const int SS = 4;
    private const int US = 5;
    private const int UU1 = 6;
    private const int SS1 = 7;
    private const int US1 = 8;
    private const int LastU = 9;
    private const int LastS = 10;
    private const int Rows = 11;

    // The averages are 50 measurements long: an interval a step would say the same again and take longer than all the rest.
    private const int MeasurementsAnInterval = 8;

    private readonly double logDecay = Math.Log(decay);
    private readonly LayerState state = new(Rows);
    private long measurements;

    /// <summary>Moves the state to a new table.</summary>
    public void Remap(ReadOnlySpan<int> previousIndex) => state.Remap(previousIndex);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        state.Clear();
        measurements = 0;
    }

    /// <summary>Adds u = A·x + B·y and s = C·x + D·y of every layer whose x and y are usable numbers; element by element, so the result does not depend on
    /// the vector width.</summary>
    public void Add(ReadOnlySpan<double> x, ReadOnlySpan<double> y, (double A, double B, double C, double D) m)
    {
        var width = Vector<double>.Count;
        var i = 0;
        for (; i <= x.Length - width; i += width)
        {
            var vx = new Vector<double>(x[i..]);
            var vy = new Vector<double>(y[i..]);
            var good = LayerKernels.AreUsable(vx) & LayerKernels.AreUsable(vy);
            AddVector(i, good, (vx * m.A) + (vy * m.B), (vx * m.C) + (vy * m.D));
        }

        for (; i < x.Length; i++)
        {
            if (Usable.Is(x[i]) && Usable.Is(y[i]))
            {
                AddOne(i, (x[i] * m.A) + (y[i] * m.B), (x[i] * m.C) + (y[i] * m.D));
            }
        }
    }

    /// <summary>Writes signal, noise, their ratio and, every eighth time, its interval.</summary>
    public void Write(in SeriesTarget target)
    {
        Span<double> signal = target.Layer(LayerSeries.SignalSq), trace = target.Layer(LayerSeries.TraceSigma), scale = target.Layer(LayerSeries.NoiseScale);
        LayerKernels.DividePositive(state.Row(U), state.Row(Weight), signal);
        LayerKernels.DividePositive(state.Row(S), state.Row(Weight), trace);
        LayerKernels.DividePositive(trace, signal, scale);
        if (++measurements % MeasurementsAnInterval != 0)
        {
            return;
        }

        Span<double> low = target.Layer(LayerSeries.NoiseScaleLow), high = target.Layer(LayerSeries.NoiseScaleHigh);
        for (var i = 0; i < low.Length; i++)
        {
            (low[i], high[i]) = RatioInterval.Of(Moments(i));
        }
    }

    public void Save(StateWriter writer)
    {
        state.Save(writer);
        writer.Write(measurements);
    }

    public void Load(ref StateReader reader)
    {
        state.Load(ref reader);
        measurements = reader.ReadInt64();
    }

    // Σ(1−d)dᵏ over n values is w = 1 − dⁿ; over their n − 1 pairs 1 − dⁿ⁻¹; and Σ((1−d)dᵏ)² = (1−d)(1−d²ⁿ)/(1+d).
    private PairMoments Moments(int i)
    {
        var w = state.Row(Weight)[i];
        if (!(w > 0))
        {
            return default;
        }

        var left = 1 - w;
        return PairMoments.Of(
            (w, (1 - decay) * (1 - (left * left)) / (1 + decay), left > 0 ? Math.Round(Math.Log(left) / logDecay) : double.PositiveInfinity),
            (state.Row(U)[i], state.Row(S)[i]),
            (state.Row(UU)[i], state.Row(SS)[i], state.Row(US)[i]),
            Math.Max(0, 1 - (left / decay)),
            (state.Row(UU1)[i], state.Row(SS1)[i], state.Row(US1)[i]));
    }

    private void AddVector(int i, Vector<long> good, Vector<double> u, Vector<double> s)
    {
        Vector<double> lastU = new(state.Row(LastU)[i..]), lastS = new(state.Row(LastS)[i..]);
        var paired = good & Vector.GreaterThan(new Vector<double>(state.Row(Weight)[i..]), Vector<double>.Zero);
        LayerKernels.Blend(state.Row(UU1)[i..], paired, u * lastU, decay);
        LayerKernels.Blend(state.Row(SS1)[i..], paired, s * lastS, decay);
        LayerKernels.Blend(state.Row(US1)[i..], paired, ((u * lastS) + (s * lastU)) * 0.5, decay);
        LayerKernels.Blend(state.Row(U)[i..], good, u, decay);
        LayerKernels.Blend(state.Row(S)[i..], good, s, decay);
        LayerKernels.Blend(state.Row(UU)[i..], good, u * u, decay);
        LayerKernels.Blend(state.Row(SS)[i..], good, s * s, decay);
        LayerKernels.Blend(state.Row(US)[i..], good, u * s, decay);
        LayerKernels.Blend(state.Row(Weight)[i..], good, Vector<double>.One, decay);
        Vector.ConditionalSelect(good, u, lastU).CopyTo(state.Row(LastU)[i..]);
        Vector.ConditionalSelect(good, s, lastS).CopyTo(state.Row(LastS)[i..]);
    }

    private void AddOne(int i, double u, double s)
    {
        double lastU = state.Row(LastU)[i], lastS = state.Row(LastS)[i];
        if (state.Row(Weight)[i] > 0)
        {
            Blend(UU1, i, u * lastU);
            Blend(SS1, i, s * lastS);
            Blend(US1, i, ((u * lastS) + (s * lastU)) * 0.5);
        }

        Blend(U, i, u);
        Blend(S, i, s);
        Blend(UU, i, u * u);
        Blend(SS, i, s * s);
        Blend(US, i, u * s);
        Blend(Weight, i, 1);
        (state.Row(LastU)[i], state.Row(LastS)[i]) = (u, s);
    }

    private void Blend(int row, int i, double value)
    {
        ref var place = ref state.Row(row)[i];
        place = (place * decay) + (value * (1 - decay));
    }
}
