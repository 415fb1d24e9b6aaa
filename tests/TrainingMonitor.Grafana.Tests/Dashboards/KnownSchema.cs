using System.Reflection;
using TrainingMonitor.Storage.Influx.Lines;
using TrainingMonitor.Storage.Influx.Series;

namespace TrainingMonitor.Grafana.Tests.Dashboards;

/// <summary>Fields and tags that the writer can write, from its own tables; docs/design/100 in code.</summary>
internal static class KnownSchema
{
    private static readonly string[] Run = ["attempt", "project", "run", "segment"];

    /// <summary>Tags by measurement.</summary>
    public static IReadOnlyDictionary<string, string[]> Tags { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["run"] = Run,
        ["layer"] = [.. Run, "layer"],
        ["probe"] = [.. Run, "kind", "rank"],
        ["scalar"] = [.. Run, "name"],
        ["alert"] = [.. Run, "layer", "rule", "severity", "state"],
        ["monitor"] = ["node"],
    };

    /// <summary>Fields by measurement; those of <c>monitor</c> are the numbers of the node, which only a running one knows.</summary>
    public static IReadOnlyDictionary<string, string[]> Fields { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["run"] = ["step", .. InfluxSchema.RunFields.SelectMany(field => new[] { Name(field.Value), Name(field.NonFinite) })],
        ["layer"] = ["step", "last_step", "width", "table", "index", .. InfluxSchema.LayerFields.SelectMany(Names)],
        ["probe"] = ["step", "value", "nonfinite", "standard_error", "converged", "evaluations", "seconds"],
        ["scalar"] = ["step", "value", "nonfinite"],
        ["alert"] = ["ordinal", "id", "step", "since_step", "value", "threshold", "summary", "advice", "body"],
    };

    private static IEnumerable<string> Names(LayerFields fields) =>
        typeof(LayerFields).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => Name((LineKey)property.GetValue(fields)!));

    private static string Name(LineKey key) => key.Name;
}
