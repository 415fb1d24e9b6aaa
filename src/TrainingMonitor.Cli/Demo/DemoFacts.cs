using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Demo;

/// <summary>What the server knows at the end of a demo.</summary>
/// <param name="Detail">The run.</param>
/// <param name="Alerts">All transitions, oldest first.</param>
/// <param name="Series">Series by step, as fine as they are stored.</param>
internal sealed record DemoFacts(RunDetail Detail, IReadOnlyList<Alert> Alerts, IReadOnlyList<Series> Series)
{
    /// <summary>Series the summary speaks of.</summary>
    public static IReadOnlyList<string> Names { get; } = ["held_out_loss", "held_out_accuracy", "sharpness", "sharpness_ratio"];

    /// <summary>Finite points of a series, by step.</summary>
    public IReadOnlyList<(ulong Step, double Value)> Points(string name) =>
    [
        .. Series.Where(series => series.Name == name && series.Layer.Length == 0)
            .SelectMany(series => series.X.Zip(series.Last))
            .Where(point => double.IsFinite(point.Second))
            .Select(point => ((ulong)point.First, point.Second)),
    ];
}
