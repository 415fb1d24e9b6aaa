using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>Simulated runs in which there is nothing to find, through the server's own analysis: how often do the clocks alarm all the same?</summary>
internal static class ClockNulls
{
    /// <summary>Passes over the canaries, and evaluations of the sentinels, of a run.</summary>
    public const int Length = 80;

    private const int Canaries = 16;

    /// <summary>Runs whose network knows nothing of the labels but keeps its opinion from pass to pass: each rank is drawn anew with a probability of <paramref name="moves"/>.</summary>
    public static Proportion OfCanaries(int choices, double moves, int runs, int seed)
    {
        var random = new Random(seed);
        return Play(runs, DetectionRule.CanariesMemorized, analysis =>
        {
            var ranks = Enumerable.Range(0, Canaries).Select(_ => random.Next(choices)).ToArray();
            var step = new StepInput();
            for (var pass = 0; pass <= Length; pass++)
            {
                var counts = new long[Math.Min(choices, CanarySums.MostBins)];
                for (var i = 0; i < Canaries; i++)
                {
                    ranks[i] = random.NextDouble() < moves ? random.Next(choices) : ranks[i];
                    counts[(long)ranks[i] * counts.Length / choices]++;
                }

                Begin(step, pass);
                step.Canaries = new CanarySums(choices, Canaries, pass, counts);
                analysis.Apply(step);
            }
        });
    }

    /// <summary>Runs whose held-out loss stays where it is while the loss of each sentinel wanders, evenly or with rare large rises against many small falls.</summary>
    public static Proportion OfSentinels(int count, bool skewed, int runs, int seed)
    {
        var random = new Random(seed);
        return Play(runs, DetectionRule.SentinelLossRising, analysis =>
        {
            var losses = Enumerable.Repeat(1.5, count).ToArray();
            var reference = losses.ToArray();
            var (step, at) = (new StepInput(), 0);
            for (var k = 0; k < Length; k++)
            {
                for (var i = 0; i < count; i++)
                {
                    losses[i] += skewed ? (random.NextDouble() < 0.2 ? 0.4 : -0.1) * random.NextDouble() * 2 : random.NextDouble() - 0.5;
                }

                double[] rises = [.. losses.Zip(reference, (now, before) => now - before)];
                Begin(step, k);
                step.Sentinels = new SentinelSums(Sum(losses), default, 0, at, k == 0 ? default : Sum(rises));
                analysis.Apply(step);
                if (k == 0 || rises.Sum() <= 0)
                {
                    losses.CopyTo(reference, 0);
                    at = k;
                }
            }
        });
    }

    private static Proportion Play(int runs, DetectionRule rule, Action<CountingAnalysis> play)
    {
        var alarms = 0;
        for (var run = 0; run < runs; run++)
        {
            var analysis = new CountingAnalysis(rule);
            play(analysis);
            alarms += analysis.Fired ? 1 : 0;
        }

        return new Proportion(alarms, runs);
    }

    private static void Begin(StepInput step, int at)
    {
        step.Reset(0);
        (step.Step, step.TimeUnixNs) = (at, 1 + at);
    }

    private static ValueSums Sum(double[] values) => new(values.Length, values.Sum(), values.Sum(v => v * v));

    private sealed class CountingAnalysis(DetectionRule rule)
    {
        private readonly RunAnalysis analysis = new(new RunConfiguration());

        public bool Fired { get; private set; }

        public void Apply(StepInput step)
        {
            analysis.Apply(step);
            foreach (var finding in analysis.Findings)
            {
                Fired |= finding.Rule == rule && finding.State is FindingState.Pending or FindingState.Firing;
            }
        }
    }
}
