using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Inputs;

/// <summary>Steps of one layer whose unit gradients are given as vectors.</summary>
public static class VectorRun
{
    public static RunAnalysis Start(RunConfiguration configuration, out StepInput step)
    {
        var analysis = new RunAnalysis(configuration);
        analysis.SetLayers(["layer"]);
        step = new StepInput();
        return analysis;
    }

    /// <summary>Fills gradient norms, per-unit norms and the exact gate.</summary>
    public static void Fill(StepInput step, long t, double[][] units, int unitSize = 1)
    {
        var mean = Mean(units);
        step.Reset(1);
        (step.Step, step.UnitCount, step.UnitSize, step.BatchSize) = (t, units.Length, unitSize, units.Length * unitSize);
        step[StepValue.Loss] = 1;
        step.AddColumn(LayerStatistic.GradSq)[0] = mean.Sum(x => x * x);
        step.AddColumn(LayerStatistic.ExampleGradSq)[0] = units.Average(unit => unit.Sum(x => x * x));
        double open = 0, total = 0;
        for (var k = 0; k < mean.Length; k++)
        {
            var variance = units.Average(unit => unit[k] * unit[k]) - (mean[k] * mean[k]);
            total += variance > 0 ? 1 : 0;
            open += mean[k] * mean[k] > variance / (units.Length - 1) ? 1 : 0;
        }

        step.AddColumn(LayerStatistic.GateOpen)[0] = open;
        step.AddColumn(LayerStatistic.GateTotal)[0] = total;
    }

    public static double[] Mean(double[][] units) => [.. Enumerable.Range(0, units[0].Length).Select(k => units.Average(unit => unit[k]))];
}
