using System.Globalization;
using System.Text;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>A reader of line protocol by the rules of its specification, written apart from the writer: byte for byte, with no table in common.</summary>
internal static class LineParser
{
    public sealed record Point(string Measurement, SortedDictionary<string, string> Tags, Dictionary<string, object> Fields, long Time);

    public static List<Point> Parse(ReadOnlySpan<byte> lines)
    {
        var points = new List<Point>();
        foreach (var range in lines.Split((byte)'\n'))
        {
            var line = lines[range];
            if (line.Length > 0 && line[0] != '#')
            {
                points.Add(new Reader(line.ToArray()).Point());
            }
        }

        return points;
    }

    /// <summary>%XX undone.</summary>
    public static string Plain(string text)
    {
        for (var i = 0; i + 2 < text.Length; i++)
        {
            if (text[i] == '%' && int.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                text = text[..i] + (char)code + text[(i + 3)..];
            }
        }

        return text;
    }

    private sealed class Reader(byte[] line)
    {
        private int at;

        public Point Point()
        {
            var measurement = Token(", ", ", ");
            var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
            while (line[at] == ',')
            {
                at++;
                var key = Token("=", ",= ");
                at++;
                var value = Token(", ", ",= ");
                value.ShouldNotBeEmpty("a tag without a value is no line protocol");
                tags.Add(Plain(key), Plain(value));
            }

            var fields = new Dictionary<string, object>(StringComparer.Ordinal);
            do
            {
                at++;
                var key = Token("=", ",= ");
                at++;
                fields.Add(Plain(key), line[at] == '"' ? Plain(Text()) : Value(Token(", ", "")));
            }
            while (line[at] == ',');
            line[at].ShouldBe((byte)' ');
            return new Point(Plain(measurement), tags, fields, long.Parse(Encoding.UTF8.GetString(line.AsSpan(at + 1)), CultureInfo.InvariantCulture));
        }

        /// <summary>Up to one of the ends; a backslash before one of the specials stands for it, and for itself elsewhere.</summary>
        private string Token(string ends, string specials)
        {
            var bytes = new List<byte>();
            while (!ends.Contains((char)line[at], StringComparison.Ordinal))
            {
                (ends.Length == 1 && ", ".Contains((char)line[at], StringComparison.Ordinal)).ShouldBeFalse("a key runs into the next one");
                if (line[at] == '\\' && at + 1 < line.Length && specials.Contains((char)line[at + 1], StringComparison.Ordinal))
                {
                    at++;
                }

                bytes.Add(line[at++]);
            }

            bytes.ShouldNotBeEmpty();
            return Encoding.UTF8.GetString([.. bytes]);
        }

        private string Text()
        {
            var bytes = new List<byte>();
            for (at++; line[at] != '"'; at++)
            {
                if (line[at] == '\\' && line[at + 1] is (byte)'"' or (byte)'\\')
                {
                    at++;
                }

                bytes.Add(line[at]);
            }

            at++;
            return Encoding.UTF8.GetString([.. bytes]);
        }

        private static object Value(string text) => text switch
        {
            "true" => true,
            "false" => false,
            [.., 'i'] => long.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
            _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
        };
    }
}
