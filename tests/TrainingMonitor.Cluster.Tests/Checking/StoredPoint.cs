using System.Globalization;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>A point of the series store.</summary>
/// <param name="Identity">Measurement, tags and stamp: where there can be one point only.</param>
/// <param name="Step">Measurement, tags and step: where there may be one point only. A point that was stamped twice is there twice.</param>
/// <param name="Values">"field=value" in the order of the fields; numbers to the last bit.</param>
public sealed record StoredPoint(string Identity, string Step, string Values)
{
    /// <summary>Makes one.</summary>
    /// <param name="measurement">Measurement.</param>
    /// <param name="tags">Tags; empty ones do not count.</param>
    /// <param name="fields">Numbers, texts, truths; null ones do not count.</param>
    /// <param name="time">Stamp, ns.</param>
    public static StoredPoint Of(string measurement, IEnumerable<KeyValuePair<string, string>> tags, IEnumerable<KeyValuePair<string, object?>> fields, long time)
    {
        var place = $"{measurement} {string.Join(',', tags.Where(tag => tag.Value.Length > 0).OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"))}";
        var values = fields.Where(field => field.Value is not null).OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => (field.Key, Text: Text(field.Value!))).ToList();
        var step = values.Find(value => value.Key == "step").Text;

        // Of alerts several may be of one step; their ordinal tells them apart.
        var ordinal = values.Find(value => value.Key == "ordinal").Text;
        return new StoredPoint($"{place} {time}", $"{place} step={step} ordinal={ordinal}", string.Join(' ', values.Select(value => $"{value.Key}={value.Text}")));
    }

    private static string Text(object value) => value switch
    {
        long number => ((double)number).ToString("R", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        _ => $"\"{value}\"",
    };
}
