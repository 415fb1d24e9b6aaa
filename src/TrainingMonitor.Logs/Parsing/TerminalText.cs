using System.Text.RegularExpressions;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>Takes out what only a terminal needs.</summary>
internal static partial class TerminalText
{
    /// <summary>The line without colours and without what a carriage return overwrote.</summary>
    public static string Plain(string line)
    {
        var plain = line.Contains('\e', StringComparison.Ordinal) ? Escapes().Replace(line, "") : line;
        plain = plain.TrimEnd('\r', ' ', '\0');
        return plain[(plain.LastIndexOf('\r') + 1)..];
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[ -/]*[@-~]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Escapes();
}
