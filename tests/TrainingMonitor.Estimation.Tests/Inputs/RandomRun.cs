using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Inputs;

/// <summary>A run made of whatever a stream may contain: absent columns, NaN and infinities, skips, seams, gaps, thinning, microbatches, new layer
/// tables, new segments, probes, new hyper-parameters. The same seed gives the same run.</summary>
public sealed class RandomRun
{
    private static readonly double[] Odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e308, -1e300, 0, 1e-310];
    private readonly Random random;
    private readonly StepInput step = new();
    private string[] layers;
    private long next;
    private int segment;

    public RandomRun(int seed)
    {
        random = new Random(seed);
        layers = Names();
        Configuration = Configure();
    }

    public RunConfiguration Configuration { get; private set; }

    /// <summary>An analysis at the start of the run.</summary>
    public RunAnalysis Start()
    {
        var analysis = new RunAnalysis(Configuration);
        analysis.SetLayers(layers);
        return analysis;
    }

    /// <summary>Applies the next event to all of them.</summary>
    public void Next(params RunAnalysis[] analyses)
    {
        var kind = random.Next(40);
        if (kind == 0)
        {
            layers = Names();
        }
        else if (kind == 1)
        {
            segment++;
            next = Math.Max(0, next - 5);
        }
        else if (kind == 2)
        {
            Configuration = Configure();
        }

        var probe = new ProbeInput((ProbeKind)random.Next(1, 7), next, 0, Number(), double.NaN, true);
        Fill();
        foreach (var analysis in analyses)
        {
            switch (kind)
            {
                case 0:
                    analysis.SetLayers(layers);
                    break;
                case 1:
                    analysis.BeginSegment(0, segment, next);
                    break;
                case 2:
                    analysis.Configure(Configuration);
                    break;
                case 3 or 4:
                    analysis.ApplyProbe(probe);
                    break;
            }

            analysis.Apply(step);
        }
    }

    private void Fill()
    {
        next += random.Next(12) == 0 ? random.Next(1, 200) : 1;
        step.Reset(layers.Length);
        step.Step = next;
        step.TimeUnixNs = next * 1_000_000;
        step.BatchSize = 32;
        step.UnitCount = random.Next(8) == 0 ? random.Next(2) : 32;
        step.UnitSize = random.Next(6) == 0 ? 4 : 1;
        step.Flags = (StepFlags)(random.Next(5) == 0 ? random.Next(64) : 0);
        for (var statistic = 1; statistic < StepInput.StatisticCount; statistic++)
        {
            if (random.Next(10) > 0)
            {
                var column = step.AddColumn((LayerStatistic)statistic);
                for (var i = 0; i < column.Length; i++)
                {
                    column[i] = Number();
                }
            }
        }

        for (var value = 0; value < StepInput.ValueCount; value++)
        {
            step[(StepValue)value] = random.Next(6) == 0 ? double.NaN : Number();
        }

        step.HasLag = random.Next(4) > 0;
        step.Lag = new LagSums(32, Number(), Number(), Number(), Number(), Number());
        FillClocks();
    }

    private void FillClocks()
    {
        if (random.Next(3) == 0)
        {
            var choices = random.Next(8) == 0 ? 4 : 9;
            step.Canaries = new CanarySums(choices, 16, next / 20, [.. Enumerable.Range(0, choices).Select(_ => (long)random.Next(3))])
            {
                SumLoss = Number(),
                SumAdvantage = Number(),
                SumAdvantageSq = Number(),
                SumPull = Number(),
                Others = random.Next(40),
                OthersSumPull = Number(),
                TrainCount = random.Next(100),
                TrainSumLoss = Number(),
            };
        }

        if (random.Next(10) == 0)
        {
            step.Sentinels = new SentinelSums(
                new(random.Next(50), Number(), Number()), new(random.Next(50), Number(), Number()), random.Next(5), next / 50, new(random.Next(50), Number() - 1, Number()));
        }
    }

    private double Number() => random.Next(200) == 0 ? Odd[random.Next(Odd.Length)] : random.NextDouble() * Math.Pow(10, random.Next(-3, 3));

    private string[] Names() => [.. Enumerable.Range(0, 12).Where(_ => random.Next(3) > 0).Select(i => $"слой{i}")];

    private RunConfiguration Configure() => new()
    {
        Optimizer = (OptimizerKind)random.Next(5),
        LearningRate = 0.1,
        Momentum = 0.9,
        Beta1 = 0.9,
        Beta2 = 0.99,
        DatasetSize = random.Next(2) * 1000,
        BatchSize = 32,
        Sampling = (SamplingScheme)random.Next(6),
        UpdateIncludesDecay = random.Next(2) == 0,
        ExactInterval = 16,
        PairInterval = random.Next(10),
    };
}
