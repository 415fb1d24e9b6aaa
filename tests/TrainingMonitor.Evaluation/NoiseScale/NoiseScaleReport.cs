using TrainingMonitor.Evaluation.Reports;

namespace TrainingMonitor.Evaluation.NoiseScale;

/// <summary>docs/evaluation/noise-scale.md.</summary>
internal static class NoiseScaleReport
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "noise-scale";

    /// <summary>Checks of each case: the coverage of a 90% interval is then known to half a percent.</summary>
    public const int Checks = 3000;

    /// <summary>Scores and writes.</summary>
    public static void Write(string? folder = null)
    {
        var report = new Report(Name, "Noise scale: coverage of the 90% interval", folder)
            .Paragraph($"""
                Simulated gradients, drawn example by example with known |G|² and tr Σ, go through `RunAnalysis`; every 152 steps (averages that far apart share 5% of their weight) the interval
                of the noise scale is compared with the truth of that step. {Checks} checks a case: a coverage is known to ±1%. Heavy tails are multivariate Student: one factor an example over all its
                coordinates and layers. Drifting: |G|² moves by e^±0.3 and tr Σ by e^±0.2 with a period of 4000 steps. No recordings are used.
                """)
            .Paragraph("Target: 88–92% in every row. *Too high*: the whole interval above the truth. *Width*: upper over lower end, median.");
        var all = new List<(string Case, string Layer, NoiseCoverage Coverage)>();
        foreach (var setting in NoiseCase.All)
        {
            var coverage = new NoiseSimulation(setting).Run(Checks);
            for (var i = 0; i < coverage.Length; i++)
            {
                all.Add((setting.Name, i < NoiseCase.Layers.Length ? $"layer of {NoiseCase.Layers[i].Dimension}" : "total", coverage[i]));
            }
        }

        var table = new Table("stream", "of", "coverage", "too high", "too low", "no upper end", "width");
        foreach (var (name, layer, coverage) in all)
        {
            table.Row(name, layer, coverage.Covered, coverage.TooHigh.Value, coverage.TooLow.Value, coverage.Open.Value, coverage.Width);
        }

        var met = all.Count(a => a.Coverage.Covered.Value is >= 0.88 and <= 0.92);
        report.Section("Coverage").Paragraph($"Met in {met} of {all.Count} rows.").Add(table).Save();
    }
}
