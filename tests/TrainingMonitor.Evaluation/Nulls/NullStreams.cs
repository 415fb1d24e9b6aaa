using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>Plays healthy runs through the estimators and detectors and counts what they say.</summary>
internal static class NullStreams
{
    private const int StepsBack = 50;
    private const int ProbeEvery = 100;

    // A run a fifth below its stability threshold, whose probes are wrong by 5%.
    private const double SharpnessRatio = 0.8;
    private const double ProbeError = 0.05;

    /// <summary>Plays so many steps of every family, whole runs; the result does not depend on how many run at once.</summary>
    /// <param name="families">Families.</param>
    /// <param name="stepsEach">Steps of each, rounded up to whole runs.</param>
    /// <param name="told">Called for every alarm, from any thread.</param>
    public static IReadOnlyList<NullTally> Play(IEnumerable<NullFamily> families, long stepsEach, Action<NullFamily, int, Finding>? told = null) =>
        [.. families.Select(family => Play(family, stepsEach, told))];

    private static NullTally Play(NullFamily family, long steps, Action<NullFamily, int, Finding>? told)
    {
        var runs = (int)Math.Max(1, (steps + family.Steps - 1) / family.Steps);
        var counts = new int[Enum.GetValues<DetectionRule>().Length];
        Parallel.For(0, runs, seed => Play(family, seed, finding =>
        {
            Interlocked.Increment(ref counts[(int)finding.Rule]);
            told?.Invoke(family, seed, finding);
        }));
        var alarms = Enum.GetValues<DetectionRule>().Where(rule => counts[(int)rule] > 0).ToDictionary(rule => rule, rule => counts[(int)rule]);
        return new NullTally(family, (long)runs * family.Steps, runs, alarms);
    }

    private static void Play(NullFamily family, int seed, Action<Finding> alarm)
    {
        var configuration = family.Configuration;
        var run = new NullRun(family, HashCode(family.Name) + seed);
        var probes = new NullRandom(seed);
        var analysis = new RunAnalysis(configuration);
        analysis.SetLayers(NullRun.Layers);
        analysis.BeginSegment(0, 0, 0);
        var input = new StepInput();
        var (attempt, segment, step) = (0, 0, 0);
        for (var elapsed = 0; elapsed < family.Steps; elapsed++, step++)
        {
            if (family.RestartEvery > 0 && elapsed > 0 && elapsed % family.RestartEvery == 0)
            {
                // In turn: the process starts again from its checkpoint, and it goes back to it by itself.
                (attempt, segment) = elapsed / family.RestartEvery % 2 == 1 ? (attempt + 1, 0) : (attempt, segment + 1);
                step -= StepsBack;
                run.Restore();
                analysis.BeginSegment(attempt, segment, 1_000_000L * elapsed);
                Look(analysis, alarm);
            }

            if (family.RestartEvery > 0 && elapsed % family.RestartEvery == family.RestartEvery - StepsBack)
            {
                run.Save();
            }

            run.Next(step, elapsed, input);
            if (run.IsSent(step))
            {
                analysis.Apply(input);
                Look(analysis, alarm);
            }

            if (elapsed % ProbeEvery == 0 && configuration.Optimizer == OptimizerKind.Sgd)
            {
                Probe(analysis, configuration, step, input[StepValue.LearningRate], probes);
                Look(analysis, alarm);
            }
        }
    }

    private static void Probe(RunAnalysis analysis, RunConfiguration configuration, int step, double rate, NullRandom random)
    {
        var kind = StabilityThreshold.Preferred(configuration);
        if (rate > 0 && StabilityThreshold.For(configuration, kind, rate) is { } threshold)
        {
            var value = SharpnessRatio * threshold.Low * (1 + (ProbeError * random.Normal()));
            analysis.ApplyProbe(new ProbeInput(kind, step, 1_000_000L * step, value, ProbeError * value, true));
        }
    }

    private static void Look(RunAnalysis analysis, Action<Finding> alarm)
    {
        for (var i = 0; i < analysis.Findings.Count; i++)
        {
            if (analysis.Findings[i].State == FindingState.Firing)
            {
                alarm(analysis.Findings[i]);
            }
        }
    }

    // Of the name, the same everywhere: string.GetHashCode is not.
    private static int HashCode(string name)
    {
        var sum = 17;
        foreach (var c in name)
        {
            sum = unchecked((sum * 31) + c);
        }

        return sum & 0x3FFFFFFF;
    }
}
