using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainingMonitor.Notifications.Options;

/// <summary>Reads the section from JSON. A property that does not exist is an error, so that a typing mistake is not a receiver that stays silent.</summary>
public static class NotificationOptionsReader
{
    private static readonly JsonSerializerOptions Reading = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        NumberHandling = JsonNumberHandling.Strict,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads and checks; null where something is wrong, which <paramref name="problems"/> then says, each with the path of the field.</summary>
    /// <param name="json">The object.</param>
    /// <param name="variable">Environment variables, for secrets.</param>
    /// <param name="problems">One sentence for each thing that is wrong. No value of a secret is in them.</param>
    public static NotificationOptions? Read(string json, Func<string, string?> variable, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(variable);
        ArgumentNullException.ThrowIfNull(problems);
        NotificationOptions? options;
        try
        {
            options = JsonSerializer.Deserialize<NotificationOptions>(json, Reading);
        }
        catch (JsonException error)
        {
            // The message of an unknown property names it; of other mistakes it may quote what stands there, which the path makes needless.
            var path = (error.Path ?? "$").TrimStart('$').TrimStart('.');
            var what = error.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "there is no such property."
                : error.Message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase) ? "is there twice."
                : error.LineNumber is { } line ? $"is not what belongs there (line {line + 1})." : "is not what belongs there.";
            problems.Add($"{(path.Length == 0 ? "the section" : path)}: {what}");
            return null;
        }

        if (options is null)
        {
            problems.Add("the section: must be a JSON object.");
            return null;
        }

        var found = NotificationOptionsCheck.Problems(options, variable).ToList();
        found.ForEach(problems.Add);
        return found.Count == 0 ? options : null;
    }
}
