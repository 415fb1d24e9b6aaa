namespace TrainingMonitor.Cli.Connection;

/// <summary>The token that the embedded server of this user keeps in its data folder.</summary>
internal static class TokenFile
{
    /// <summary>TRAINMON_DATA, else the user's folder for local data.</summary>
    public static string DataFolder(Func<string, string?> variable)
    {
        if (variable("TRAINMON_DATA") is { Length: > 0 } named)
        {
            return named;
        }

        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "trainmon");
    }

    /// <summary>The token; null where there is no file that this user can read.</summary>
    public static string? Read(Func<string, string?> variable) => ReadFolder(DataFolder(variable));

    /// <summary>The token of a data folder.</summary>
    public static string? ReadFolder(string folder)
    {
        var path = Path.Combine(folder, "token");
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not ours to read: the server will say that a token is missing.
            return null;
        }
    }
}
