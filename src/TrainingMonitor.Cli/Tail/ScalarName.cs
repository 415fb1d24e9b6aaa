using System.Text;

namespace TrainingMonitor.Cli.Tail;

/// <summary>Names of logs within what the contract takes.</summary>
internal static class ScalarName
{
    /// <summary>The name without control characters and broken surrogates, cut at a character where it is too long.</summary>
    public static string Of(string name, int mostBytes)
    {
        var plain = new StringBuilder();
        var bytes = 0;
        foreach (var rune in name.Trim().EnumerateRunes())
        {
            if (Rune.IsControl(rune))
            {
                continue;
            }

            bytes += rune.Utf8SequenceLength;
            if (bytes > mostBytes)
            {
                break;
            }

            plain.Append(rune.ToString());
        }

        return plain.ToString();
    }
}
