using System.Text;

namespace TrainingMonitor.Storage.Influx.Lines;

/// <summary>A measurement, tag key or field key, escaped once. Keys are few and fixed; what users name goes into tag values.</summary>
public sealed class LineKey
{
    private LineKey(string name, byte[] escaped)
    {
        Name = name;
        Escaped = escaped;
    }

    /// <summary>The name as given.</summary>
    public string Name { get; }

    internal byte[] Escaped { get; }

    /// <summary>A measurement.</summary>
    /// <exception cref="ArgumentException">Empty: the protocol has no form for it.</exception>
    public static LineKey Measurement(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new LineKey(name, Escape(name, LineEscape.Place.Measurement));
    }

    /// <summary>A tag key or field key.</summary>
    /// <exception cref="ArgumentException">Empty, or "time", which is the stamp's own.</exception>
    public static LineKey Of(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return string.Equals(name, "time", StringComparison.Ordinal)
            ? throw new ArgumentException("\"time\" is the name of the stamp.", nameof(name))
            : new LineKey(name, Escape(name, LineEscape.Place.Name));
    }

    private static byte[] Escape(string name, LineEscape.Place place)
    {
        var target = new byte[(Encoding.UTF8.GetByteCount(name) * LineEscape.MostBytesForOne) + 1];
        return target[..LineEscape.Write(name, target, place)];
    }
}
