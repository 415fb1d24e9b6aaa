using TrainingMonitor.Storage.Influx.Lines;

namespace TrainingMonitor.Storage.Influx.Series;

/// <summary>Turns numbers of the monitor itself into points of the measurement <c>monitor</c>. Thread-safe.</summary>
/// <param name="take">Gets each body and its number of lines; the bytes are valid during the call.</param>
public sealed class MonitorLines(Action<ReadOnlyMemory<byte>, int> take)
{
    private readonly Lock held = new();
    private readonly LineWriter writer = new();
    private readonly Dictionary<string, LineKey> keys = new(StringComparer.Ordinal);

    /// <summary>Adds a point and hands it on: it is seldom, and must be there when the next one is late.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="numbers">Values by name.</param>
    /// <param name="timeUnixNs">Stamp, ns since the Unix epoch.</param>
    public void Add(string node, IReadOnlyDictionary<string, double> numbers, long timeUnixNs)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        lock (held)
        {
            writer.Begin(InfluxSchema.Monitor);
            writer.Tag(InfluxSchema.NodeTag, node);
            foreach (var (name, value) in numbers)
            {
                if (!keys.TryGetValue(name, out var key))
                    keys[name] = key = LineKey.Of(name);
                writer.Field(key, value);
            }

            writer.End(timeUnixNs);
            if (writer.Lines > 0)
                take(writer.Written, writer.Lines);
            writer.Clear();
        }
    }
}
