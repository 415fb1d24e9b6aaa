using System.Buffers;
using System.Globalization;
using System.Text;

namespace TrainingMonitor.Storage.Influx.Lines;

/// <summary>Escaping of line protocol, and what the protocol has no form for: control characters (a newline ends a line) and backslashes (one at the end of a
/// name cannot be written, and readers differ on pairs) become %XX; a "%" is escaped only where two hex digits follow, so that <see cref="Decode"/> gives
/// every name back and no two names become one.</summary>
internal static class LineEscape
{
    /// <summary>No byte of UTF-8 becomes more than this many.</summary>
    public const int MostBytesForOne = 3;

    private static readonly SearchValues<char> NameSpecials = SearchValues.Create([.. Controls(), ',', ' ', '=', '\\', '%']);
    private static readonly SearchValues<char> MeasurementSpecials = SearchValues.Create([.. Controls(), ',', ' ', '\\', '%', '#']);
    private static readonly SearchValues<char> TextSpecials = SearchValues.Create([.. Controls(), '"', '\\', '%']);

    /// <summary>Where a name stands.</summary>
    public enum Place
    {
        /// <summary>Tag key, tag value or field key.</summary>
        Name,

        /// <summary>Measurement: "=" is itself, a "#" would begin a comment.</summary>
        Measurement,

        /// <summary>Inside the quotes of a string field.</summary>
        Text,
    }

    /// <summary>Writes a name as escaped UTF-8; returns the bytes written. The target has room for three times its UTF-8 and one more.
    /// Lone surrogates, which no message can carry, become U+FFFD.</summary>
    public static int Write(ReadOnlySpan<char> name, Span<byte> target, Place place)
    {
        var specials = place switch { Place.Name => NameSpecials, Place.Measurement => MeasurementSpecials, _ => TextSpecials };
        var written = 0;
        while (true)
        {
            var special = name.IndexOfAny(specials);
            if (special < 0)
            {
                return written + Encoding.UTF8.GetBytes(name, target[written..]);
            }

            written += Encoding.UTF8.GetBytes(name[..special], target[written..]);
            var c = name[special];
            name = name[(special + 1)..];
            if (char.IsControl(c) || c == '#' || (c == '\\' && place != Place.Text) || (c == '%' && StartsWithHex(name)))
            {
                target[written++] = (byte)'%';
                target[written++] = Hex(c >> 4);
                target[written++] = Hex(c & 15);
            }
            else
            {
                if (c != '%')
                {
                    target[written++] = (byte)'\\';
                }

                target[written++] = (byte)c;
            }
        }
    }

    /// <summary>The name behind what a server gives back (it has undone the protocol's own escapes).</summary>
    public static string Decode(string stored)
    {
        if (!stored.Contains('%', StringComparison.Ordinal))
        {
            return stored;
        }

        var name = new StringBuilder(stored.Length);
        for (var i = 0; i < stored.Length; i++)
        {
            if (stored[i] == '%' && StartsWithHex(stored.AsSpan(i + 1)))
            {
                name.Append((char)byte.Parse(stored.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                name.Append(stored[i]);
            }
        }

        return name.ToString();
    }

    /// <summary>A name as a server keeps it, for comparisons in a query: %XX done, the protocol's own escapes not.</summary>
    public static string Stored(string name)
    {
        var stored = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsControl(c) || c == '\\' || (c == '%' && StartsWithHex(name.AsSpan(i + 1))))
            {
                stored.Append('%').Append((char)Hex(c >> 4)).Append((char)Hex(c & 15));
            }
            else
            {
                stored.Append(c);
            }
        }

        return stored.ToString();
    }

    private static bool StartsWithHex(ReadOnlySpan<char> text) => text.Length >= 2 && char.IsAsciiHexDigit(text[0]) && char.IsAsciiHexDigit(text[1]);

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'A' + digit - 10);

    private static IEnumerable<char> Controls() => Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(char.IsControl);
}
