using TrainingMonitor.Notifications.Options;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Who is told of alerts, from the server's options.</summary>
internal static class NotificationSettings
{
    private const int LongestFile = 1 << 20;

    /// <summary>Receivers and routes; null: nobody is told. What is wrong is said with the option and the path of the field in it.</summary>
    public static NotificationOptions? Read(ServerOptions options, List<string> problems)
    {
        if (options.NotifyConfig.Length > 0 && options.Notifications.Length > 0)
        {
            problems.Add("NotifyConfig: the settings have a section Notifications already; keep one of the two.");
            return null;
        }

        var wrong = new List<string>();
        var found = options.NotifyConfig.Length > 0 ? Text(options.NotifyConfig, problems) is { } text ? Parse(text, wrong) : null
            : options.Notifications.Length > 0 ? Parse(options.Notifications, wrong) : null;
        var option = options.NotifyConfig.Length > 0 ? $"NotifyConfig ({options.NotifyConfig})" : nameof(ServerOptions.Notifications);
        problems.AddRange(wrong.Select(problem => $"{option}: {problem}"));
        return found is { Receivers.Count: > 0 } ? found : null;
    }

    /// <summary>Names and kinds of the receivers, and nothing else of what stands there.</summary>
    public static string Describe(string section) => Parse(section, [])?.ToString() ?? "***";

    private static NotificationOptions? Parse(string text, List<string> problems) => NotificationOptionsReader.Read(text, Environment.GetEnvironmentVariable, problems);

    private static string? Text(string path, List<string> problems)
    {
        try
        {
            if (new FileInfo(path).Length <= LongestFile)
                return File.ReadAllText(path);
            problems.Add($"NotifyConfig: {path} is too long.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add($"NotifyConfig: {path} cannot be read: {error.Message}");
        }

        return null;
    }
}
