using BenchmarkDotNet.Attributes;
using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Benchmarks.Analysis;

/// <summary>A step of a large run through all estimators and detectors: every statistic of every layer, lag sums, a run that memorizes nothing and alarms nothing.
/// One operation is one step.</summary>
[MemoryDiagnoser]
public class AnalysisBenchmark
{
    private const int Prepared = 64;
    private readonly StepInput[] steps = new StepInput[Prepared];
    private RunAnalysis analysis = null!;
    private long next;

    /// <summary>Layers of the run.</summary>
    [Params(10, 100, 500)]
    public int Layers { get; set; }

    /// <summary>Whether exact per-example sums and lag sums come with every step, or the cheap set only.</summary>
    [Params(true, false)]
    public bool Exact { get; set; }

    /// <summary>Makes a run that is past all warm-ups, and steps to go on with.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        analysis = new RunAnalysis(new RunConfiguration
        {
            Optimizer = OptimizerKind.AdamW, Beta1 = 0.9, Beta2 = 0.999, LearningRate = 1e-3, DatasetSize = 10_000, BatchSize = 50, Sampling = SamplingScheme.Shuffled,
        });
        analysis.SetLayers([.. Enumerable.Range(0, Layers).Select(i => $"layer.{i}.weight")]);
        analysis.BeginSegment(0, 0, 0);
        var random = new Random(1);
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = Make(random);
        }

        for (var i = 0; i < 1000; i++)
        {
            Step();
        }

        if (analysis.Findings.Count > 0)
        {
            throw new InvalidOperationException($"The run is not healthy: {analysis.Findings[0].Summary}");
        }
    }

    /// <summary>One step.</summary>
    [Benchmark]
    public int Step()
    {
        var step = steps[next % Prepared];
        step.Step = next;
        step.TimeUnixNs = next++;
        analysis.Apply(step);
        return analysis.Findings.Count;
    }

    private StepInput Make(Random random)
    {
        var step = new StepInput();
        step.Reset(Layers);
        (step.BatchSize, step.UnitCount, step.UnitSize) = (50, Exact ? 50 : 0, 1);
        foreach (var statistic in Enum.GetValues<LayerStatistic>())
        {
            if (!Exact && statistic is LayerStatistic.ExampleGradSq or LayerStatistic.SelfSecondMoment or LayerStatistic.SelfMeanSq or LayerStatistic.GateOpen or LayerStatistic.GateTotal)
            {
                continue;
            }

            var column = step.AddColumn(statistic);
            for (var i = 0; i < column.Length; i++)
            {
                column[i] = Value(statistic) * (0.9 + (0.2 * random.NextDouble()));
            }
        }

        step[StepValue.Loss] = 1 + (0.1 * random.NextDouble());
        step[StepValue.LearningRate] = 1e-3;
        step[StepValue.Accuracy] = 0.7;
        if (Exact)
        {
            step.HasLag = true;
            step.Lag = new LagSums(50, 0.05, 10, 0.01, 5, 0.001);
        }

        return step;
    }

    private static double Value(LayerStatistic statistic) => statistic switch
    {
        LayerStatistic.ExampleGradSq => 50,
        LayerStatistic.Own => 2e-3,
        LayerStatistic.Cross => 1e-3,
        LayerStatistic.SelfSecondMoment => 0.05,
        LayerStatistic.SelfMeanSq => 1e-3,
        LayerStatistic.DecayOwn or LayerStatistic.DecayCross => 1e-5,
        LayerStatistic.GateOpen or LayerStatistic.GateOpenProxy => 300,
        LayerStatistic.GateTotal or LayerStatistic.GateTotalProxy => 1000,
        LayerStatistic.NonFinite => 0,
        _ => 1,
    };
}
