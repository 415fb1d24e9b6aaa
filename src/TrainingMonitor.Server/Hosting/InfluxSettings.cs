using System.ComponentModel.DataAnnotations;
using TrainingMonitor.Storage.Influx;

namespace TrainingMonitor.Server.Hosting;

/// <summary>The InfluxDB part of the server's options.</summary>
internal static class InfluxSettings
{
    private const int LongestToken = 4096;

    /// <summary>The options of the server to write to; null: there is none. What is wrong is said by the names of <see cref="ServerOptions"/>.</summary>
    public static InfluxOptions? Read(ServerOptions options, List<string> problems)
    {
        if (options.InfluxUrl.Length == 0)
        {
            if (options.InfluxTokenFile.Length > 0)
                problems.Add("InfluxTokenFile: there is no InfluxUrl (--influx-url) to use it for.");
            return null;
        }

        if (!Uri.TryCreate(options.InfluxUrl, UriKind.Absolute, out var url))
        {
            problems.Add($"InfluxUrl: \"{options.InfluxUrl}\" is not an address; one looks like http://127.0.0.1:8086.");
            return null;
        }

        var influx = new InfluxOptions
        {
            Url = url, Database = options.InfluxDatabase, Organization = options.InfluxOrganization, Gzip = options.InfluxGzip, Token = Token(options.InfluxTokenFile, problems),
        };
        problems.AddRange(influx.Validate(new ValidationContext(influx)).Select(wrong =>
            $"{(string.Equals(wrong.MemberNames.First(), nameof(InfluxOptions.Token), StringComparison.Ordinal) ? nameof(ServerOptions.InfluxTokenFile) : nameof(ServerOptions.InfluxUrl))}: {wrong.ErrorMessage}."));
        return influx;
    }

    private static string Token(string path, List<string> problems)
    {
        if (path.Length == 0)
            return "";
        try
        {
            if (new FileInfo(path).Length > LongestToken)
                problems.Add($"InfluxTokenFile: {path} is too long to be a token.");
            else if (File.ReadAllText(path).Trim() is { Length: > 0 } token)
                return token;
            else
                problems.Add($"InfluxTokenFile: {path} is empty.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"InfluxTokenFile: {path} cannot be read: {error.Message}");
        }

        return "";
    }
}
