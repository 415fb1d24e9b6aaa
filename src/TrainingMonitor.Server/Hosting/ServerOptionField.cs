using System.Globalization;
using System.Reflection;

namespace TrainingMonitor.Server.Hosting;

/// <summary>One property of <see cref="ServerOptions"/>: its names in files and the environment, and its reading from text.</summary>
internal sealed record ServerOptionField(PropertyInfo Property, string Variable, bool Secret)
{
    /// <summary>All options, in the order they are declared.</summary>
    public static IReadOnlyList<ServerOptionField> All { get; } =
        [.. typeof(ServerOptions).GetProperties().Where(p => p.CanWrite).Select(p => new ServerOptionField(p, VariableName(p.Name), p.Name is nameof(ServerOptions.Token) or nameof(ServerOptions.Postgres)))];

    public string Name => Property.Name;

    /// <summary>Reads the value from text; false with a sentence where it cannot be.</summary>
    public bool TryParse(string text, out object? value, out string problem)
    {
        value = null;
        problem = "";
        var type = Property.PropertyType;
        if (type == typeof(string))
            value = text;
        else if (type == typeof(bool))
            value = text.ToUpperInvariant() switch { "TRUE" or "1" or "YES" or "ON" => true, "FALSE" or "0" or "NO" or "OFF" or "" => false, _ => null };
        else if (type == typeof(int))
            value = int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var i) ? i : null;
        else if (type == typeof(long))
            value = long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var l) ? l : null;
        else if (type == typeof(double))
            value = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) ? d : null;

        if (value is null)
            problem = $"{Name}: \"{(Secret ? "***" : text)}\" is not {Kind(type)}.";
        return value is not null;
    }

    public string Display(object? value) =>
        Secret && value is string { Length: > 0 } ? "***"
        : value is string { Length: > 0 } section && string.Equals(Name, nameof(ServerOptions.Notifications), StringComparison.Ordinal) ? NotificationSettings.Describe(section)
        : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Kind(Type type) =>
        type == typeof(bool) ? "true or false" : type == typeof(double) ? "a number" : "a whole number that fits";

    // "GrpcPort" -> "TRAINMON_GRPC_PORT"; the folder has the short name that clients use as well.
    private static string VariableName(string property) =>
        string.Equals(property, nameof(ServerOptions.DataFolder), StringComparison.Ordinal)
            ? "TRAINMON_DATA"
            : "TRAINMON_" + string.Concat(property.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));
}
