using System.Globalization;
using System.Text;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>The fingerprint that Alertmanager gives a set of labels: 64-bit FNV-1a over names and values in order, each followed by 0xFF, which no UTF-8 text holds.</summary>
internal static class Fingerprint
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211;

    public static string Of(SortedDictionary<string, string> labels)
    {
        var hash = Offset;
        foreach (var (name, value) in labels)
        {
            hash = Add(Add(hash, name), value);
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ octet) * Prime;
        }

        return (hash ^ 0xFF) * Prime;
    }
}
