using System.Text;
using System.Text.Json;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Effective options with the origin of each: defaults, then the JSON settings file, then TRAINMON_* variables, then the caller.</summary>
public sealed class ServerOptionsReport
{
    private ServerOptionsReport(ServerOptions options, IReadOnlyList<ServerOptionEntry> entries)
    {
        Options = options;
        Entries = entries;
    }

    /// <summary>Effective options.</summary>
    public ServerOptions Options { get; }

    /// <summary>Every option, in the order they are declared; secrets are masked.</summary>
    public IReadOnlyList<ServerOptionEntry> Entries { get; }

    /// <summary>Brings the sources together.</summary>
    /// <param name="caller">What the caller says, by property name ("GrpcPort" → "0"); names in any case.</param>
    /// <param name="settingsFile">JSON object of property names and values; null: TRAINMON_SETTINGS, else none.</param>
    /// <param name="environment">Environment to read; null: the process's.</param>
    /// <exception cref="InvalidOperationException">Unknown names, unreadable values or values out of range; the message has one line for each.</exception>
    public static ServerOptionsReport Resolve(
        IReadOnlyDictionary<string, string>? caller = null,
        string? settingsFile = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var problems = new List<string>();
        string? Variable(string name) => environment is null ? Environment.GetEnvironmentVariable(name) : environment.GetValueOrDefault(name);
        settingsFile ??= Variable("TRAINMON_SETTINGS");
        var file = settingsFile is null ? [] : ReadFile(settingsFile, problems);
        var said = Named(caller ?? new Dictionary<string, string>(StringComparer.Ordinal), "the caller", problems);

        var options = new ServerOptions();
        var entries = new List<ServerOptionEntry>();
        foreach (var field in ServerOptionField.All)
        {
            var (text, origin, source) =
                said.TryGetValue(field.Name, out var value) ? (value, ServerOptionOrigin.Caller, field.Name)
                : Variable(field.Variable) is { Length: > 0 } variable ? (variable, ServerOptionOrigin.Environment, field.Variable)
                : file.TryGetValue(field.Name, out value) ? (value, ServerOptionOrigin.SettingsFile, settingsFile!)
                : (null, ServerOptionOrigin.Default, "");
            if (text is not null)
            {
                if (field.TryParse(text, out var parsed, out var problem))
                    field.Property.SetValue(options, parsed);
                else
                    problems.Add(origin == ServerOptionOrigin.Caller ? problem : $"{problem} It was set by {source}.");
            }

            if (string.Equals(field.Name, nameof(ServerOptions.DataFolder), StringComparison.Ordinal) && options.DataFolder.Length == 0)
                field.Property.SetValue(options, DataFolder.DefaultPath());
            entries.Add(new ServerOptionEntry(field.Name, field.Display(field.Property.GetValue(options)), origin, source));
        }

        problems.AddRange(ServerOptionsValidation.Problems(options));
        return problems.Count == 0 ? new ServerOptionsReport(options, entries) : throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
    }

    /// <summary>Options made in code: what differs from the defaults is the caller's, the rest may come from the file and the environment.</summary>
    /// <exception cref="InvalidOperationException">As <see cref="Resolve"/>.</exception>
    public static ServerOptionsReport From(ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var defaults = new ServerOptions();
        return Resolve(ServerOptionField.All
            .Where(f => !Equals(f.Property.GetValue(options), f.Property.GetValue(defaults)))
            .ToDictionary(f => f.Name, f => Convert.ToString(f.Property.GetValue(options), System.Globalization.CultureInfo.InvariantCulture) ?? "", StringComparer.Ordinal));
    }

    /// <summary>One line an option: name, value, origin.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var entry in Entries)
            text.Append(entry.Name.PadRight(24)).Append(entry.Value.Length == 0 ? "-" : entry.Value).Append("  (").Append(entry.Origin switch
            {
                ServerOptionOrigin.Default => "default",
                ServerOptionOrigin.Caller => "given",
                _ => entry.Source,
            }).AppendLine(")");
        return text.ToString();
    }

    private static Dictionary<string, string> ReadFile(string path, List<string> problems)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return Named(document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.OrdinalIgnoreCase), path, problems);
            problems.Add($"The settings file {path} must hold one JSON object.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            problems.Add($"The settings file {path} cannot be read: {error.Message}");
        }

        return [];
    }

    private static Dictionary<string, string> Named(IReadOnlyDictionary<string, string> values, string where, List<string> problems)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            var field = ServerOptionField.All.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (field is null)
                problems.Add($"{name}: no such option, set by {where}.");
            else
                result[field.Name] = value;
        }

        return result;
    }
}
