using Spectre.Console;
using Spectre.Console.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>A series as a small chart with its range and newest value.</summary>
internal static class SeriesChart
{
    /// <summary>Null where there is nothing to draw.</summary>
    public static Panel? Of(ChartSpec spec, Series series, int width, int height)
    {
        var points = new List<double>(series.Last.Count * 2);
        for (var i = 0; i < series.Last.Count; i++)
        {
            // Both ends of a bucket, so that a spike between two columns is seen.
            points.Add(Scale(spec, series.Min[i]));
            points.Add(Scale(spec, series.Max[i]));
        }

        var finite = points.Where(double.IsFinite).ToArray();
        if (finite.Length == 0)
        {
            return null;
        }

        var mark = spec.Mark is { } value ? Scale(spec, value) : double.NaN;
        var low = double.IsFinite(mark) ? Math.Min(finite.Min(), mark) : finite.Min();
        var high = double.IsFinite(mark) ? Math.Max(finite.Max(), mark) : finite.Max();
        var lines = BrailleChart.Draw(points, width, height, low, high);
        var rows = new List<IRenderable>(height);
        for (var line = 0; line < lines.Count; line++)
        {
            var label = line == 0 ? Unscale(spec, high) : line == lines.Count - 1 ? Unscale(spec, low) : double.NaN;
            rows.Add(new Markup($"[teal]{lines[line]}[/] [grey]{(double.IsNaN(label) ? "" : Numbers.Short(label))}[/]"));
        }

        var newest = series.Last.LastOrDefault(double.IsFinite, double.NaN);
        return new Panel(new Rows(rows)).Header($"{Markup.Escape(spec.Title)} [bold]{Numbers.Short(newest)}[/]").Border(BoxBorder.Rounded);
    }

    private static double Scale(ChartSpec spec, double value) => !spec.Logarithmic ? value : value > 0 ? Math.Log10(value) : double.NaN;

    private static double Unscale(ChartSpec spec, double value) => spec.Logarithmic ? Math.Pow(10, value) : value;
}
