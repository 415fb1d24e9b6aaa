using System.Globalization;

namespace TrainingMonitor.Client.Setup;

/// <summary>Fills what is not set in code from the environment.</summary>
internal static class OptionDefaults
{
    /// <summary>The options with every default filled in; <see cref="ClientOptions.Enabled"/> says whether the monitor is wanted.</summary>
    /// <exception cref="FormatException">A variable is no number or no address; the message names it.</exception>
    public static ClientOptions Fill(ClientOptions options, Func<string, string?> environment)
    {
        var named = options.Server is null ? Addresses(environment, "TRAINMON_SERVER") : [];
        var runId = options.RunId ?? Text(environment, "TRAINMON_RUN_ID") ?? RunIds.New(options.Time);
        return options with
        {
            Enabled = options.Enabled ?? !string.Equals(Text(environment, "TRAINMON_MODE"), "disabled", StringComparison.OrdinalIgnoreCase),
            Server = options.Server ?? (named.Count > 0 ? named[0] : new Uri("http://127.0.0.1:4650")),
            OtherServers = named.Count > 1 ? [.. named.Skip(1)] : options.OtherServers,
            RunId = runId,
            Project = options.Project ?? Text(environment, "TRAINMON_PROJECT") ?? "default",
            RunName = options.RunName ?? Text(environment, "TRAINMON_RUN_NAME") ?? runId,
            Rank = options.Rank ?? Number(environment, "RANK") ?? 0,
            WorldSize = options.WorldSize ?? Number(environment, "WORLD_SIZE") ?? 1,
            RestartCount = options.RestartCount ?? Number(environment, "TORCHELASTIC_RESTART_COUNT") ?? Number(environment, "SLURM_RESTART_COUNT"),
            Token = options.Token ?? Text(environment, "TRAINMON_TOKEN"),
            CaFile = options.CaFile ?? Text(environment, "TRAINMON_CA_FILE"),
            ClientCertificate = options.ClientCertificate ?? Text(environment, "TRAINMON_CLIENT_CERT"),
            ClientKey = options.ClientKey ?? Text(environment, "TRAINMON_CLIENT_KEY"),
            AllowPlainToken = options.AllowPlainToken ?? Text(environment, "TRAINMON_PLAIN_TOKEN") is "1" or "true",
            SpillFolder = options.SpillFolder ?? Text(environment, "TRAINMON_SPILL") ?? DefaultSpillFolder(environment),
        };
    }

    private static string DefaultSpillFolder(Func<string, string?> environment) => Path.Combine(
        Text(environment, "XDG_CACHE_HOME") ?? Path.Combine(TokenFile.Home(environment), ".cache"), "trainmon", "spill");

    private static string? Text(Func<string, string?> environment, string name) => environment(name) is { Length: > 0 } text ? text : null;

    private static int? Number(Func<string, string?> environment, string name) => Text(environment, name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw new FormatException($"{name} is \"{text}\", a whole number is wanted"),
    };

    private static List<Uri> Addresses(Func<string, string?> environment, string name) =>
        [.. (Text(environment, name) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text => Address(text, name))];

    private static Uri Address(string text, string name) =>
        Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}", UriKind.Absolute, out var address)
            ? address
            : throw new FormatException($"{name} is \"{text}\", an address such as http://127.0.0.1:4650 is wanted");
}
