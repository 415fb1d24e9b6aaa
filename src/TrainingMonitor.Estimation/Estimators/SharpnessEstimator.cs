using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Probes as series, and sharpness over the optimizer's threshold. A probe's values show at once and at the next step, then are absent until
/// the next probe.</summary>
internal sealed class SharpnessEstimator : Estimator
{
    private static readonly RunSeries[] Shown =
    [
        RunSeries.Sharpness, RunSeries.SharpnessRatio, RunSeries.SharpnessRatioLow, RunSeries.SharpnessRatioHigh, RunSeries.StabilityRegime,
        RunSeries.BatchSharpness, RunSeries.CriticalSharpness, RunSeries.HessianTrace, RunSeries.NextBatchGain,
    ];

    /// <summary>Standard normal quantile of 95%: a two-sided interval of 90%.</summary>
    private const double Normal95 = 1.6448536269514722;

    private readonly RegimeWindow window = new();
    private readonly double[] pending = new double[Shown.Length];
    private double learningRate = double.NaN;
    private double noiseScale = double.NaN;
    private int judged;

    public SharpnessEstimator() => Array.Fill(pending, double.NaN);

    public override void BeginSegment()
    {
        Array.Fill(pending, double.NaN);
        window.Clear();
        judged = 0;
    }

    public override void Apply(in SeriesTarget target)
    {
        var rate = target.Step[StepValue.LearningRate];
        learningRate = Usable.Is(rate) ? rate : learningRate;
        var scale = target[RunSeries.NoiseScale];
        noiseScale = Usable.Is(scale) ? scale : noiseScale;
        for (var i = 0; i < Shown.Length; i++)
        {
            target[Shown[i]] = pending[i];
        }

        Array.Fill(pending, double.NaN);
    }

    /// <summary>Takes a probe in and writes its values.</summary>
    public void Apply(in ProbeInput probe, RunConfiguration configuration, Span<double> run)
    {
        if (Series(probe.Kind) is not { } series)
        {
            return;
        }

        var preferred = StabilityThreshold.Preferred(configuration);

        // λ_max of the plain Hessian says nothing of an adaptive optimizer's stability; it does not take the series from the preconditioned one.
        if (series != RunSeries.Sharpness || probe.Kind == preferred || preferred is ProbeKind.BatchSharpness or ProbeKind.CriticalSharpness)
        {
            Show(series, probe.Value, run);
        }

        var rate = learningRate > 0 ? learningRate : configuration.LearningRate;
        var threshold = StabilityThreshold.For(configuration, probe.Kind, rate);
        if (Decides(probe.Kind, preferred))
        {
            ShowRatio(probe, configuration, threshold, run);
        }

        if (threshold is { } known && Usable.Is(probe.Value))
        {
            Judge(probe, configuration, known, rate, run);
        }
    }

    public override void Save(StateWriter writer)
    {
        writer.Write(pending);
        writer.Write([learningRate, noiseScale]);
        writer.Write(judged);
        window.Save(writer);
    }

    public override void Load(ref StateReader reader)
    {
        reader.Read(pending);
        Span<double> v = stackalloc double[2];
        reader.Read(v);
        (learningRate, noiseScale) = (v[0], v[1]);
        judged = reader.ReadInt32();
        window.Load(ref reader);
    }

    private static RunSeries? Series(ProbeKind kind) => kind switch
    {
        ProbeKind.Sharpness or ProbeKind.PreconditionedSharpness => RunSeries.Sharpness,
        ProbeKind.BatchSharpness => RunSeries.BatchSharpness,
        ProbeKind.CriticalSharpness => RunSeries.CriticalSharpness,
        ProbeKind.HessianTrace => RunSeries.HessianTrace,
        ProbeKind.NextBatchGain => RunSeries.NextBatchGain,
        _ => null,
    };

    // One kind of probe decides: the one the optimizer's threshold speaks of, or the first that came until that one does. The trace and the gain have no threshold.
    private bool Decides(ProbeKind kind, ProbeKind preferred)
    {
        if (kind is ProbeKind.HessianTrace or ProbeKind.NextBatchGain)
        {
            return false;
        }

        if (judged == 0 || (judged != (int)kind && kind == preferred))
        {
            judged = (int)kind;
        }

        return judged == (int)kind;
    }

    private void ShowRatio(in ProbeInput probe, RunConfiguration configuration, StabilityThreshold? threshold, Span<double> run)
    {
        // Between the plateaus of minibatch momentum SGD the noise scale decides which one the ratio is taken to: batches below it are small.
        var plateau = threshold is not { } known ? double.NaN : configuration.BatchSize > noiseScale ? known.High : known.Low;
        var half = Normal95 * probe.StandardError;
        Show(RunSeries.SharpnessRatio, probe.Value / plateau, run);
        Show(RunSeries.SharpnessRatioLow, (probe.Value - half) / plateau, run);
        Show(RunSeries.SharpnessRatioHigh, (probe.Value + half) / plateau, run);
    }

    private void Judge(in ProbeInput probe, RunConfiguration configuration, StabilityThreshold threshold, double rate, Span<double> run)
    {
        var error = probe.StandardError / Math.Abs(probe.Value);
        if (probe.Kind is ProbeKind.Sharpness or ProbeKind.PreconditionedSharpness)
        {
            window.AddCurvature(configuration, rate * probe.Value, error);
        }
        else
        {
            window.AddBatch(probe.Value / threshold.Low, probe.Value / threshold.High, error);
        }

        Show(RunSeries.StabilityRegime, (int)window.Judge(), run);
    }

    private void Show(RunSeries series, double value, Span<double> run)
    {
        pending[Array.IndexOf(Shown, series)] = value;
        run[(int)series] = value;
    }
}
