using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Clocks;

/// <summary>When was held-out loss lowest? By the curve of the fresh sentinels, by the one that the canaries estimate, or by the mean of both where both are there (their errors are
/// independent), smoothed over five readings. It dates alarms and has no part in raising them.</summary>
public sealed class TurnClock
{
    /// <summary>Least rise of the smoothed curve, as a share of its lowest.</summary>
    public const double LeastRise = 0.01;

    private const int Half = 2;
    private readonly TrendBuffer sentinels = new(), canaries = new();
    private double referenceStep = double.NaN, reference = double.NaN;

    /// <summary>Takes the canaries' estimate of held-out loss for a pass whose middle lies at a step.</summary>
    public void AddCanaries(double step, double loss) => canaries.Add(step, loss);

    /// <summary>Takes an evaluation of the fresh sentinels: their mean loss, and its rise since the reference on the same examples, which links evaluations
    /// that do not have the same examples.</summary>
    /// <param name="step">Step of the evaluation.</param>
    /// <param name="loss">Mean loss.</param>
    /// <param name="atReference">Step of the reference.</param>
    /// <param name="rise">Mean rise since then; NaN: no common examples.</param>
    public void AddSentinels(double step, double loss, double atReference, double rise)
    {
        var linked = atReference.Equals(referenceStep) && !double.IsNaN(rise) ? reference + rise : loss;
        sentinels.Add(step, linked);
        if (double.IsNaN(reference) || !atReference.Equals(referenceStep) || rise <= 0)
        {
            (referenceStep, reference) = (step, linked);
        }
    }

    /// <summary>The step where the curve was lowest; false where it has not risen by <see cref="LeastRise"/> since.</summary>
    public bool TryFind(out double step)
    {
        step = double.NaN;
        var (steps, values) = Curve();
        var lowest = 0;
        double best = double.PositiveInfinity, last = double.NaN;
        for (var i = 0; i < values.Length; i++)
        {
            var from = Math.Max(0, i - Half);
            var mean = 0.0;
            var near = values.AsSpan(from, Math.Min(values.Length, i + Half + 1) - from);
            foreach (var value in near)
            {
                mean += value / near.Length;
            }

            (best, lowest) = mean < best ? (mean, i) : (best, lowest);
            last = mean;
        }

        if (!(last > best + (LeastRise * Math.Abs(best))))
        {
            return false;
        }

        step = steps[lowest];
        return true;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        sentinels.Reset();
        canaries.Reset();
        (referenceStep, reference) = (double.NaN, double.NaN);
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        sentinels.Save(writer);
        canaries.Save(writer);
        writer.Write(referenceStep);
        writer.Write(reference);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        sentinels.Load(ref reader);
        canaries.Load(ref reader);
        (referenceStep, reference) = (reader.ReadDouble(), reader.ReadDouble());
    }

    private (double[] Steps, double[] Values) Curve()
    {
        if (sentinels.Count == 0 || canaries.Count == 0)
        {
            var only = sentinels.Count == 0 ? canaries : sentinels;
            return (only.Steps.ToArray(), only.Values.ToArray());
        }

        List<double> steps = [], values = [];
        for (var i = 0; i < sentinels.Count; i++)
        {
            var step = sentinels.Steps[i];
            if (step >= canaries.Steps[0])
            {
                steps.Add(step);
                values.Add(0.5 * (sentinels.Values[i] + At(canaries, step)));
            }
        }

        return ([.. steps], [.. values]);
    }

    private static double At(TrendBuffer curve, double step)
    {
        var after = 0;
        while (after < curve.Count && curve.Steps[after] < step)
        {
            after++;
        }

        if (after == 0 || after == curve.Count)
        {
            return curve.Values[after == 0 ? 0 : curve.Count - 1];
        }

        var share = (step - curve.Steps[after - 1]) / (curve.Steps[after] - curve.Steps[after - 1]);
        return curve.Values[after - 1] + (share * (curve.Values[after] - curve.Values[after - 1]));
    }
}
