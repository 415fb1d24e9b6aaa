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
        RunSeries.Sharpness, RunSeries.SharpnessRatio, RunSeries.BatchSharpness, RunSeries.CriticalSharpness, RunSeries.HessianTrace, RunSeries.NextBatchGain,
    ];

    private readonly double[] pending = new double[Shown.Length];
    private double learningRate = double.NaN;
    private double noiseScale = double.NaN;

    public SharpnessEstimator() => Array.Fill(pending, double.NaN);

    public override void BeginSegment() => Array.Fill(pending, double.NaN);

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

        var ratio = probe.Value / Threshold(probe.Kind, configuration);
        if (probe.Kind == preferred || double.IsNaN(pending[Array.IndexOf(Shown, RunSeries.SharpnessRatio)]))
        {
            Show(RunSeries.SharpnessRatio, ratio, run);
        }
    }

    public override void Save(StateWriter writer)
    {
        writer.Write(pending);
        writer.Write([learningRate, noiseScale]);
    }

    public override void Load(ref StateReader reader)
    {
        reader.Read(pending);
        Span<double> v = stackalloc double[2];
        reader.Read(v);
        (learningRate, noiseScale) = (v[0], v[1]);
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

    // Between the plateaus of minibatch momentum SGD the noise scale decides: batches below it are small.
    private double Threshold(ProbeKind probe, RunConfiguration configuration)
    {
        var rate = learningRate > 0 ? learningRate : configuration.LearningRate;
        if (StabilityThreshold.For(configuration, probe, rate) is not { } threshold)
        {
            return double.NaN;
        }

        return configuration.BatchSize > noiseScale ? threshold.High : threshold.Low;
    }

    private void Show(RunSeries series, double value, Span<double> run)
    {
        pending[Array.IndexOf(Shown, series)] = value;
        run[(int)series] = value;
    }
}
