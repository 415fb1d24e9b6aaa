namespace TrainingMonitor.Client.Setup;

/// <summary>The token that an embedded server of the same user leaves in its data folder.</summary>
internal static class TokenFile
{
    /// <summary>The token; null where there is none or it cannot be read (the server will say what is missing).</summary>
    public static string? Read(Func<string, string?> environment)
    {
        try
        {
            var token = File.ReadAllText(Path.Combine(Folder(environment), "token")).Trim();
            return token.Length > 0 ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The user's folder.</summary>
    public static string Home(Func<string, string?> environment) =>
        environment("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    // The rule of the server and of the command line.
    private static string Folder(Func<string, string?> environment)
    {
        if (environment("TRAINMON_DATA") is { Length: > 0 } named)
        {
            return named;
        }

        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(local.Length > 0 ? local : Path.GetTempPath(), "trainmon");
    }
}
