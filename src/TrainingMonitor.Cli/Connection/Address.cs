namespace TrainingMonitor.Cli.Connection;

/// <summary>Paths with parameters.</summary>
internal static class Address
{
    /// <summary>"/path?name=value&amp;…"; what is null or empty is left out.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var text = path;
        foreach (var (name, value) in parameters)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text += $"{(text.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}";
            }
        }

        return text;
    }
}
