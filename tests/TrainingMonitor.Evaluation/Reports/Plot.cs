using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace TrainingMonitor.Evaluation.Reports;

/// <summary>A line plot for a report, as SVG. Colours are those of Okabe and Ito, told apart by the colour-blind too.</summary>
internal sealed class Plot
{
    private const int Width = 720;
    private const int Height = 420;

    // The exporter measures text smaller than browsers draw it.
    private const int LineSpacing = 6;
    private const int TitleDistance = 14;
    private const int LegendLine = 20;
    private static readonly OxyColor[] Colours = [.. new uint[] { 0xFF0072B2, 0xFFD55E00, 0xFF009E73, 0xFFCC79A7, 0xFF56B4E9, 0xFFE69F00, 0xFF000000, 0xFF999999 }.Select(OxyColor.FromUInt32)];
    private readonly PlotModel model;

    /// <summary>An empty plot.</summary>
    public Plot(string title, string x, string y, bool logarithmicX = false)
    {
        model = new PlotModel { Title = title, TitleFontSize = 15, TitleFontWeight = 500, DefaultColors = Colours, Background = OxyColors.White, PlotAreaBorderColor = OxyColors.Gray };
        model.Axes.Add(logarithmicX ? Styled(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = x }) : Styled(new LinearAxis { Position = AxisPosition.Bottom, Title = x }));
        model.Axes.Add(Styled(new LinearAxis { Position = AxisPosition.Left, Title = y }));
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.BottomLeft,
            LegendOrientation = LegendOrientation.Vertical,
            LegendBorder = OxyColors.Transparent,
            LegendFontSize = 12,
            LegendLineSpacing = LineSpacing,
        });
    }

    /// <summary>Adds a line.</summary>
    public Plot Line(string name, IEnumerable<(double X, double Y)> points, bool dashed = false)
    {
        var line = new LineSeries { Title = name, StrokeThickness = 1.6, LineStyle = dashed ? LineStyle.Dash : LineStyle.Solid };
        line.Points.AddRange(points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).Select(p => new DataPoint(p.X, p.Y)));
        model.Series.Add(line);
        return this;
    }

    /// <summary>Adds points without a line.</summary>
    public Plot Points(string name, IEnumerable<(double X, double Y)> points)
    {
        var series = new ScatterSeries { Title = name, MarkerType = MarkerType.Circle, MarkerSize = 2.6 };
        series.Points.AddRange(points.Where(p => double.IsFinite(p.X) && double.IsFinite(p.Y)).Select(p => new ScatterPoint(p.X, p.Y)));
        model.Series.Add(series);
        return this;
    }

    /// <summary>The upright axis begins at 0: amounts are compared, not only their order.</summary>
    public Plot FromZero()
    {
        model.Axes[1].Minimum = 0;
        return this;
    }

    /// <summary>Adds a horizontal line across the plot, e.g. a threshold.</summary>
    public Plot Level(string name, double y)
    {
        model.Annotations.Add(new OxyPlot.Annotations.LineAnnotation { Type = OxyPlot.Annotations.LineAnnotationType.Horizontal, Y = y, Text = name, Color = OxyColors.Gray, LineStyle = LineStyle.Dash });
        return this;
    }

    /// <summary>Writes the file.</summary>
    public void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        new SvgExporter { Width = Width, Height = Height + (LegendLine * model.Series.Count) }.Export(model, file);
    }

    private static T Styled<T>(T axis)
        where T : Axis
    {
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.MajorGridlineColor = OxyColor.FromRgb(232, 232, 232);
        axis.TicklineColor = OxyColors.Gray;
        axis.FontSize = 12;
        axis.AxisTitleDistance = TitleDistance;
        return axis;
    }
}
