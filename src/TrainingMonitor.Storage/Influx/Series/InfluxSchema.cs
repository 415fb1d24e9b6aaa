using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Storage.Influx.Lines;

namespace TrainingMonitor.Storage.Influx.Series;

/// <summary>Names of measurements, tags and fields (docs/design/100). What users name are tag values; tags are written in the order of their keys.</summary>
internal static class InfluxSchema
{
    public const string NonFiniteSuffix = "_nonfinite";

    public static readonly LineKey Run = LineKey.Measurement("run");
    public static readonly LineKey Layer = LineKey.Measurement("layer");
    public static readonly LineKey Probe = LineKey.Measurement("probe");
    public static readonly LineKey Scalar = LineKey.Measurement("scalar");
    public static readonly LineKey Alert = LineKey.Measurement("alert");
    public static readonly LineKey Row = LineKey.Measurement("row");
    public static readonly LineKey Commit = LineKey.Measurement("commit");
    public static readonly LineKey Monitor = LineKey.Measurement("monitor");

    public static readonly LineKey AttemptTag = LineKey.Of("attempt");
    public static readonly LineKey KindTag = LineKey.Of("kind");
    public static readonly LineKey LayerTag = LineKey.Of("layer");
    public static readonly LineKey NameTag = LineKey.Of("name");
    public static readonly LineKey NodeTag = LineKey.Of("node");
    public static readonly LineKey ProjectTag = LineKey.Of("project");
    public static readonly LineKey RankTag = LineKey.Of("rank");
    public static readonly LineKey RuleTag = LineKey.Of("rule");
    public static readonly LineKey RunTag = LineKey.Of("run");
    public static readonly LineKey SegmentTag = LineKey.Of("segment");
    public static readonly LineKey SeverityTag = LineKey.Of("severity");
    public static readonly LineKey StateTag = LineKey.Of("state");

    public static readonly LineKey Step = LineKey.Of("step");
    public static readonly LineKey LastStep = LineKey.Of("last_step");
    public static readonly LineKey Width = LineKey.Of("width");
    public static readonly LineKey Table = LineKey.Of("table");
    public static readonly LineKey Index = LineKey.Of("index");
    public static readonly LineKey Value = LineKey.Of("value");
    public static readonly LineKey NonFinite = LineKey.Of("nonfinite");
    public static readonly LineKey StandardError = LineKey.Of("standard_error");
    public static readonly LineKey Converged = LineKey.Of("converged");
    public static readonly LineKey Evaluations = LineKey.Of("evaluations");
    public static readonly LineKey Seconds = LineKey.Of("seconds");
    public static readonly LineKey Threshold = LineKey.Of("threshold");
    public static readonly LineKey Ordinal = LineKey.Of("ordinal");
    public static readonly LineKey Id = LineKey.Of("id");
    public static readonly LineKey SinceStep = LineKey.Of("since_step");
    public static readonly LineKey Summary = LineKey.Of("summary");
    public static readonly LineKey Advice = LineKey.Of("advice");
    public static readonly LineKey Body = LineKey.Of("body");
    public static readonly LineKey Detail = LineKey.Of("detail");
    public static readonly LineKey Position = LineKey.Of("position");

    /// <summary>Field of each run-level series, and of its mark where a value was NaN or infinite.</summary>
    public static readonly (LineKey Value, LineKey NonFinite)[] RunFields =
        [.. Enum.GetValues<RunSeries>().Select(series => SeriesCatalog.Info(series).Name).Select(name => (LineKey.Of(name), LineKey.Of(name + NonFiniteSuffix)))];

    /// <summary>Fields of each layer series.</summary>
    public static readonly LayerFields[] LayerFields = [.. Enum.GetValues<LayerSeries>().Select(series => new LayerFields(SeriesCatalog.Info(series).Name))];
}
