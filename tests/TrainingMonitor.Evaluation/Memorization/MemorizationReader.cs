using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Memorization;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>Replays a recording and collects what the scores need.</summary>
internal static class MemorizationReader
{
    /// <summary>The validation rule of today's users: held-out loss on n/20 examples has risen over its lowest.</summary>
    public const string ValidationRule = "validation set, 5% of the data";

    // Evaluations that baselines measured now and then are smoothed over, and steps for those of every step.
    private const int SmoothedEvaluations = 3;
    private const int SmoothedSteps = 20;

    /// <summary>Reads a run.</summary>
    public static MemorizationRun Read(Recording recording)
    {
        var readings = new List<(int Step, MemorizationReading Reading)>();
        var series = new SeriesTraces(RunSeries.Loss, RunSeries.GradNorm, RunSeries.WeightNorm, RunSeries.TraceSigma, RunSeries.TransferRatio, RunSeries.MemorizedNats);
        var events = RunEvents.Of(recording, (analysis, step) =>
        {
            if (readings.Count == 0 || readings[^1].Step < step)
            {
                readings.Add(((int)step, analysis.Memorization));
                series.Add(analysis, (int)step);
            }
        });
        int[] steps = [.. readings.Select(r => r.Step)];
        AlarmTrace Trace(Func<MemorizationReading, double> value) => new(steps, [.. readings.Select(r => value(r.Reading))]);
        var configuration = recording.Header.Configuration;
        return new MemorizationRun
        {
            Cell = recording.Header.Cell,
            HeldBack = recording.Header.HeldBack,
            Truth = MemorizationTruth.Of(recording),
            StepsPerEpoch = Math.Max(1, (double)configuration.DatasetSize / Math.Max(1, configuration.BatchSize)),
            Length = recording.Steps[^1] + 1,
            CannotTell = events.WasPending(DetectionRule.MemorizationOnset) && events.FirstFiring(DetectionRule.MemorizationOnset) is null,
            StandardGains = Trace(r => r.StandardGain),
            Evidence = Trace(r => r.Evidence),
            Material = Trace(r => r.Material),
            Baselines = Baselines(recording, series),
        };
    }

    private static Dictionary<string, AlarmTrace> Baselines(Recording recording, SeriesTraces series)
    {
        var baselines = new Dictionary<string, AlarmTrace>(StringComparer.Ordinal)
        {
            [ValidationRule] = FromCurve(recording, CurveName.LossOf(CurveName.Validation)).RiseOverLowest(),
            ["training loss"] = OverStart(series[RunSeries.Loss]).Map(v => -v),
            ["gradient norm"] = OverStart(series[RunSeries.GradNorm]).Map(v => -v),
            ["weight-norm slope"] = OverStart(series[RunSeries.WeightNorm]),
            ["gradient disparity"] = series[RunSeries.TraceSigma].Map(Math.Sqrt).Smoothed(SmoothedSteps).RiseOverLowest(),
            ["raw transfer ratio γ"] = series[RunSeries.TransferRatio].Map(v => -v),
            ["gradient cosine"] = FromCurve(recording, CurveName.GradientCosine).Map(v => -v),
            ["spectral entropy"] = FromCurve(recording, CurveName.SpectralEntropy).Map(v => -v),
        };
        foreach (var (name, curve) in ((string, string)[])[("EB criterion", CurveName.EvidenceCriterion), ("commutator defect", CurveName.CommutatorDefect)])
        {
            if (recording.Curves.ContainsKey(curve))
            {
                baselines[name] = FromCurve(recording, curve);
            }
        }

        return baselines;
    }

    private static AlarmTrace FromCurve(Recording recording, string name)
    {
        var curve = recording.Curves[name];
        return new AlarmTrace(curve.Steps, curve.Values).Smoothed(SmoothedEvaluations);
    }

    // ln(v/v₀), v₀ the mean of the first values.
    private static AlarmTrace OverStart(AlarmTrace trace)
    {
        var start = trace.Values.Where(double.IsFinite).Take(SmoothedSteps).DefaultIfEmpty(double.NaN).Average();
        return trace.Smoothed(SmoothedSteps).Map(v => Math.Log(Math.Max(v, double.Epsilon) / start));
    }
}
