namespace TrainingMonitor.Client.Setup;

/// <summary>The token that an embedded server of the same user leaves in its data folder.</summary>
internal static class TokenFile
{
    /// <summary>The token; null where there is none or it cannot be read (the server will say what is missing).</summary>
    public static string? Read(Func<string, string?> environment)
    {
        var data = environment("TRAINMON_DATA") is { Length: > 0 } folder ? folder : Path.Combine(Home(environment), ".local", "share", "trainmon");
        try
        {
            var token = File.ReadAllText(Path.Combine(data, "token")).Trim();
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
}
