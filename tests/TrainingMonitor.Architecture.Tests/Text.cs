namespace TrainingMonitor.Architecture.Tests;

/// <summary>Reads C# line by line: good enough for rules about words.</summary>
internal static class Text
{
    /// <summary>The line up to its comment.</summary>
    public static string WithoutComment(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            quoted ^= line[i] == '"' && (i == 0 || line[i - 1] != '\\');
            if (!quoted && line[i] == '/' && i + 1 < line.Length && line[i + 1] == '/')
            {
                return line[..i];
            }
        }

        return line;
    }
}
