using System.Numerics;
using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>Evidence that some layer's updates harm fresh examples: one e-detector a layer on its own gains, and their mean, which is an e-detector too, for any dependence between layers.
/// Harm often sits in one layer, whose noise is a part of the whole: in the recorded runs its mean is 1.3 to 1.7 times as far from 0, in its own scales, as that of the sum over layers.</summary>
/// <remarks>The overlap that the lag regression takes out of the run's cross term is divided among layers like their self terms, which is what it consists of: the examples' own pull.</remarks>
public sealed class LayerEvidence
{
    private const double ScaleRate = 0.05;
    private const int CrossRow = 0;
    private const int SquareRow = 1;
    private const int WealthRow = 2;

    private readonly LayerState state = new(WealthRow + EDetector.BetCount);
    private double[] inputs = [];
    private long readings;

    /// <summary>The mean of the layers' e-detectors; 0 where there is one layer or none, which the run's own evidence covers.</summary>
    public double Value { get; private set; }

    /// <summary>The layer with the most evidence; −1 where there is none.</summary>
    public int StrongestLayer
    {
        get
        {
            var strongest = -1;
            var most = 0.0;
            for (var i = 0; i < state.LayerCount; i++)
            {
                var sum = 0.0;
                for (var bet = 0; bet < EDetector.BetCount; bet++)
                {
                    sum += state.Row(WealthRow + bet)[i];
                }

                (strongest, most) = sum > most ? (i, sum) : (strongest, most);
            }

            return strongest;
        }
    }

    /// <summary>The layer table changed; layers that stay keep their evidence.</summary>
    public void SetLayers(ReadOnlySpan<int> previousIndex)
    {
        state.Remap(previousIndex);
        inputs = new double[previousIndex.Length];
    }

    /// <summary>Takes the reading of a step.</summary>
    /// <param name="pair">The run's.</param>
    /// <param name="layers">The layers'.</param>
    /// <param name="cutByBatch">Whether the gain is cut by batch, its cross term held from the reading before (<see cref="FreshGainStream"/>).</param>
    /// <param name="complete">Whether the reading completes a gain.</param>
    public void Add(in TransferReading pair, in LayerPairs layers, bool cutByBatch, bool complete)
    {
        if (state.LayerCount < 2 || layers.Cross.Length != state.LayerCount)
        {
            return;
        }

        var terms = new Terms(OverlapOfSelf(pair, layers.Self), cutByBatch, complete);
        readings += complete ? 1 : 0;
        var rate = Math.Max(ScaleRate, 1.0 / Math.Max(1, readings));
        TakeGains(layers, terms, rate);
        if (complete && readings > FreshGainTest.Warmup)
        {
            for (var bet = 0; bet < EDetector.BetCount; bet++)
            {
                EDetector.Next(state.Row(WealthRow + bet), bet, inputs);
            }
        }

        Value = Mean();
    }

    /// <summary>Starts the evidence again; the scales stay.</summary>
    public void Restart()
    {
        for (var bet = 0; bet < EDetector.BetCount; bet++)
        {
            state.Row(WealthRow + bet).Clear();
        }

        Value = 0;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        state.Clear();
        readings = 0;
        Value = 0;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        state.Save(writer);
        writer.Write(readings);
        writer.Write(Value);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        state.Load(ref reader);
        readings = reader.ReadInt64();
        Value = reader.ReadDouble();
    }

    // The overlap as a multiple of the self terms.
    private static double OverlapOfSelf(in TransferReading pair, ReadOnlySpan<double> self)
    {
        var sum = pair.Own - pair.OwnLoo;
        return pair.LagCorrected && sum > 0 && self.Length > 0 ? (pair.Cross - pair.FreshCross) / sum : 0;
    }

    // The input of each layer's detectors, NaN where there is none, by the scale before this gain; then the scale with it.
    private void TakeGains(in LayerPairs layers, in Terms terms, double rate)
    {
        Span<double> held = state.Row(CrossRow), squares = state.Row(SquareRow);
        var (overlap, blend, slack) = (new Vector<double>(terms.Overlap), new Vector<double>(rate), new Vector<double>(FreshGainTest.Slack));
        var i = 0;
        for (; i <= held.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> before = new(held[i..]), square = new(squares[i..]);
            var cross = new Vector<double>(layers.Cross[i..]) - (overlap * new Vector<double>(layers.Self[i..]));
            var gain = ((terms.CutByBatch ? before : cross) + new Vector<double>(layers.OwnLoo[i..])) * 0.5;
            cross.CopyTo(held[i..]);
            if (!terms.Complete)
            {
                continue;
            }

            var known = Vector.GreaterThan(square, Vector<double>.Zero);
            var finite = Vector.LessThanOrEqual(Vector.Abs(gain), new Vector<double>(double.MaxValue));
            Vector.ConditionalSelect(known & finite, (-gain / Vector.SquareRoot(square)) - slack, new Vector<double>(double.NaN)).CopyTo(inputs, i);

            // A layer that is new mid-run begins with its own first gain, as all layers do.
            var part = Vector.ConditionalSelect(known, blend, Vector<double>.One);
            Vector.ConditionalSelect(finite, square + (part * ((gain * gain) - square)), square).CopyTo(squares[i..]);
        }

        for (; i < held.Length; i++)
        {
            var cross = layers.Cross[i] - (terms.Overlap * layers.Self[i]);
            var gain = ((terms.CutByBatch ? held[i] : cross) + layers.OwnLoo[i]) * 0.5;
            held[i] = cross;
            inputs[i] = double.NaN;
            if (terms.Complete && double.IsFinite(gain))
            {
                inputs[i] = squares[i] > 0 ? (-gain / Math.Sqrt(squares[i])) - FreshGainTest.Slack : double.NaN;
                squares[i] += (squares[i] > 0 ? rate : 1) * ((gain * gain) - squares[i]);
            }
        }
    }

    private double Mean()
    {
        var sum = 0.0;
        for (var bet = 0; bet < EDetector.BetCount; bet++)
        {
            sum += TensorPrimitives.Sum(state.Row(WealthRow + bet));
        }

        return sum / (EDetector.BetCount * state.LayerCount);
    }

    private readonly record struct Terms(double Overlap, bool CutByBatch, bool Complete);
}
