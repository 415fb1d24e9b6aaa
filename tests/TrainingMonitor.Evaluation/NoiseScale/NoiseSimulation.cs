using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Evaluation.NoiseScale;

/// <summary>Feeds a simulated stream to the estimators and counts how often the 90% interval of the noise scale has the truth.</summary>
internal sealed class NoiseSimulation(NoiseCase setting)
{
    // Two averages this far apart share e^-3 of their weight.
    private const int StepsPerCheck = 152;
    private const int WarmUp = 300;
    private readonly Random random = new(11 + setting.Units + setting.TailFreedom + (setting.Drifts ? 1 : 0));
    private readonly double[] scales = new double[setting.Units];
    private double spare = double.NaN;

    /// <summary>Runs until there are that many checks; the last of the results is the total of the layers.</summary>
    public NoiseCoverage[] Run(int checks)
    {
        var layers = NoiseCase.Layers.Length;
        var analysis = new RunAnalysis(new RunConfiguration());
        analysis.SetLayers([.. Enumerable.Range(0, layers).Select(i => $"layer{i}")]);
        analysis.BeginSegment(0, 0, 0);
        var coverage = Enumerable.Range(0, layers + 1).Select(_ => new NoiseCoverage()).ToArray();
        var input = new StepInput();
        for (var step = 0; coverage[0].Total < checks; step++)
        {
            Fill(input, step);
            analysis.Apply(input);
            if (step >= WarmUp && step % StepsPerCheck == StepsPerCheck - 1)
            {
                Check(analysis, step, coverage);
            }
        }

        return coverage;
    }

    private void Check(RunAnalysis analysis, int step, NoiseCoverage[] coverage)
    {
        double signal = 0, trace = 0;
        for (var layer = 0; layer < NoiseCase.Layers.Length; layer++)
        {
            var (s, t) = setting.TruthAt(layer, step);
            (signal, trace) = (signal + s, trace + t);
            coverage[layer].Add(t / s, analysis.LayerValues(LayerSeries.NoiseScaleLow)[layer], analysis.LayerValues(LayerSeries.NoiseScaleHigh)[layer]);
        }

        coverage[^1].Add(trace / signal, analysis.RunValues[(int)RunSeries.NoiseScaleLow], analysis.RunValues[(int)RunSeries.NoiseScaleHigh]);
    }

    private void Fill(StepInput input, int step)
    {
        input.Reset(NoiseCase.Layers.Length);
        (input.Step, input.TimeUnixNs, input.UnitCount, input.BatchSize) = (step, step, setting.Units, setting.Units);
        DrawScales();
        Span<double> mean = input.AddColumn(LayerStatistic.GradSq), units = input.AddColumn(LayerStatistic.ExampleGradSq);
        for (var layer = 0; layer < NoiseCase.Layers.Length; layer++)
        {
            (mean[layer], units[layer]) = Draw(layer, step);
        }
    }

    // A Student vector is a normal one times √(ν/χ²ν), one factor an example; scaled to unit variance.
    private void DrawScales()
    {
        var freedom = setting.TailFreedom;
        for (var i = 0; i < scales.Length; i++)
        {
            double sum = 0;
            for (var k = 0; k < freedom; k++)
            {
                var x = Normal();
                sum += x * x;
            }

            scales[i] = freedom == 0 ? 1 : Math.Sqrt((freedom - 2) / sum);
        }
    }

    // ‖ḡ‖² and mean ‖g_i‖², from gradients drawn example by example.
    private (double Mean, double Units) Draw(int layer, int step)
    {
        var (signal, trace) = setting.TruthAt(layer, step);
        var dimension = NoiseCase.Layers[layer].Dimension;
        double center = Math.Sqrt(signal / dimension), deviation = Math.Sqrt(trace / dimension), mean = 0, units = 0;
        for (var k = 0; k < dimension; k++)
        {
            double sum = 0;
            foreach (var scale in scales)
            {
                var g = center + (deviation * scale * Normal());
                sum += g;
                units += g * g;
            }

            mean += sum * sum;
        }

        return (mean / scales.Length / scales.Length, units / scales.Length);
    }

    // Marsaglia's polar method.
    private double Normal()
    {
        if (!double.IsNaN(spare))
        {
            var kept = spare;
            spare = double.NaN;
            return kept;
        }

        double x, y, r;
        do
        {
            x = (2 * random.NextDouble()) - 1;
            y = (2 * random.NextDouble()) - 1;
            r = (x * x) + (y * y);
        }
        while (r is >= 1 or 0);
        var factor = Math.Sqrt(-2 * Math.Log(r) / r);
        spare = y * factor;
        return x * factor;
    }
}
