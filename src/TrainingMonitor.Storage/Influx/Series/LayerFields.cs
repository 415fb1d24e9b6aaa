using TrainingMonitor.Storage.Influx.Lines;

namespace TrainingMonitor.Storage.Influx.Series;

/// <summary>Fields of one layer series: of a window its smallest, largest, mean and last value and its counts. Of a single value only the mean is written.</summary>
internal sealed class LayerFields(string name)
{
    public LineKey Min { get; } = LineKey.Of(name + "_min");

    public LineKey Max { get; } = LineKey.Of(name + "_max");

    public LineKey Mean { get; } = LineKey.Of(name + "_mean");

    public LineKey Last { get; } = LineKey.Of(name + "_last");

    public LineKey Count { get; } = LineKey.Of(name + "_count");

    public LineKey NonFinite { get; } = LineKey.Of(name + InfluxSchema.NonFiniteSuffix);
}
