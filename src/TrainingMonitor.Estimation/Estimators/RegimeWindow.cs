using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>What the last ten probes say of the regime (docs/design/091-regime-call.md): the mean growth of the optimizer's own recursion on quadratics of the measured
/// curvature; the batch sharpness, where there is no λ_max, and to tell what lies between the plateaus of momentum SGD.</summary>
internal sealed class RegimeWindow
{
    /// <summary>Mean growth a step above which it is beyond the edge. Runs at the edge hover up to a tenth above the threshold, which reads as 0.18 in gradient descent.</summary>
    public const double Beyond = 0.25;

    /// <summary>Rise from which sharpness is rising.</summary>
    public const double Rise = 0.02;

    /// <summary>Batch sharpness over a plateau from which it has met it.</summary>
    public const double Met = 0.95;

    // Directions of a quarter of the sharpness are sharp too, and shrink more slowly where the sharpest overshoots to nearly zero.
    private const double Flattest = 0.25;
    private const double FarBeyond = 1.2;

    // Set on a development run (digits, batch 128).
    private const double LossOfOneExample = 10;
    private readonly ProbeWindow curvature = new();
    private readonly ProbeWindow batches = new();
    private double zero;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        curvature.Clear();
        batches.Clear();
    }

    /// <summary>Adds a λ_max; x is the learning rate times it.</summary>
    public void AddCurvature(RunConfiguration configuration, double x, double relativeError)
    {
        zero = LinearRecursion.Zero(configuration);
        var growth = Math.Max(LinearRecursion.Exponent(configuration, x), LinearRecursion.Exponent(configuration, Flattest * x));
        curvature.Add(x, relativeError, growth - BatchLoss(configuration));
    }

    /// <summary>Adds a batch sharpness (or a critical one) over its two plateaus.</summary>
    public void AddBatch(double toLow, double toHigh, double relativeError) => batches.Add(toLow, relativeError, toHigh);

    /// <summary>The regime.</summary>
    public StabilityRegime Judge()
    {
        if (!curvature.IsFilled)
        {
            return batches.IsFilled ? ByPlateaus() : StabilityRegime.Unknown;
        }

        var growth = curvature.Figure;
        if (growth >= -zero)
        {
            return growth > Beyond ? StabilityRegime.Beyond : StabilityRegime.AtTheEdge;
        }

        return batches.IsFilled && batches.Value > 1 / Met && batches.Figure < Met
            ? StabilityRegime.InBetween
            : curvature.IsRising(Rise) ? StabilityRegime.ProgressiveSharpening : StabilityRegime.Stable;
    }

    public void Save(StateWriter writer)
    {
        writer.Write(zero);
        curvature.Save(writer);
        batches.Save(writer);
    }

    public void Load(ref StateReader reader)
    {
        zero = reader.ReadDouble();
        curvature.Load(ref reader);
        batches.Load(ref reader);
    }

    // Batches whose curvature varies shrink a typical displacement: E ln|1 − ηλ_B| is below ln|1 − ηλ| by about half the variance of ηλ_B, which falls as 1/b.
    private static double BatchLoss(RunConfiguration configuration)
    {
        double b = configuration.BatchSize, n = configuration.DatasetSize;
        return b <= 0 || StabilityThreshold.IsFullBatch(configuration) ? 0 : LossOfOneExample * (n > b ? 1 - (b / n) : 1) / b;
    }

    private StabilityRegime ByPlateaus() => (batches.Value, batches.Figure) switch
    {
        (_, > FarBeyond) => StabilityRegime.Beyond,
        (_, >= Met) => StabilityRegime.AtTheEdge,
        ( > FarBeyond, _) => StabilityRegime.InBetween,
        ( >= Met, _) => StabilityRegime.AtTheEdge,
        _ => batches.IsRising(Rise) ? StabilityRegime.ProgressiveSharpening : StabilityRegime.Stable,
    };
}
