using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests;

public sealed class RunAnalysisCostTests
{
    private const int Layers = 100;
    private static readonly double[] Losses = [1.0, 1.1, 0.9];

    [Fact]
    public void A_step_allocates_nothing()
    {
        var analysis = Full(Layers, out var step);
        long t = 0;

        // Windows fill; no code may box, optimized by the runtime or not.
        Allocated(analysis, step, ref t, 100);
        Allocated(analysis, step, ref t, 5000).ShouldBe(0);
        analysis.Findings.ShouldBeEmpty();
        double.IsNaN(analysis.RunValues[(int)Estimation.Series.RunSeries.MemorizedNats]).ShouldBeFalse();
    }

    [Fact]
    public void A_run_is_small()
    {
        var idle = Retained(() => new RunAnalysis(new RunConfiguration()));
        idle.ShouldBeLessThan(64 * 1024);
        var layered = Retained(() =>
        {
            var analysis = Full(Layers, out var step);
            Advance(analysis, step, 0);
            return analysis;
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"idle run {idle} bytes, a layer {(layered - idle) / Layers} bytes");
        ((layered - idle) / Layers).ShouldBeLessThan(2048);
        (RunAnalysisStateTests.Save(Full(Layers, out _)).Length / Layers).ShouldBeLessThan(2048);
    }

    private static long Allocated(RunAnalysis analysis, StepInput step, ref long t, int steps)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var end = t + steps; t < end; t++)
        {
            Advance(analysis, step, t);
            analysis.ApplyProbe(new ProbeInput(ProbeKind.PreconditionedSharpness, t, 0, 5, 0.1, true));
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static RunAnalysis Full(int layers, out StepInput step)
    {
        var analysis = new RunAnalysis(new RunConfiguration
        {
            Optimizer = OptimizerKind.AdamW,
            Beta1 = 0.9,
            Beta2 = 0.999,
            DatasetSize = 1000,
            BatchSize = 50,
            Sampling = SamplingScheme.Shuffled,
            LearningRate = 1e-3,
        });
        analysis.SetLayers([.. Enumerable.Range(0, layers).Select(i => $"layer.{i}.weight")]);
        step = new StepInput();
        step.Reset(layers);
        return analysis;
    }

    private static void Advance(RunAnalysis analysis, StepInput step, long t)
    {
        step.Reset(Layers);
        (step.Step, step.BatchSize, step.UnitCount) = (t, 50, 50);
        for (var statistic = 1; statistic < StepInput.StatisticCount; statistic++)
        {
            step.AddColumn((LayerStatistic)statistic).Fill((LayerStatistic)statistic switch
            {
                LayerStatistic.ExampleGradSq => 50,
                LayerStatistic.RmsStaleness => 1,
                LayerStatistic.NonFinite => 0,
                _ => statistic + (t % 3),
            });
        }

        for (var value = 0; value < StepInput.ValueCount; value++)
        {
            step[(StepValue)value] = 1;
        }

        step[StepValue.Loss] = Losses[t % 3];

        step.HasLag = true;
        step.Lag = new LagSums(50, 40, 10, 9, 5, 60);
        analysis.Apply(step);
    }

    private static long Retained(Func<RunAnalysis> create)
    {
        create();
        var kept = new RunAnalysis[50];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < kept.Length; i++)
        {
            kept[i] = create();
        }

        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(kept);
        return (after - before) / kept.Length;
    }
}
