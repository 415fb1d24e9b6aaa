using System.Text.Json;
using TrainingMonitor.Grafana.Tests.Support;

namespace TrainingMonitor.Grafana.Tests.Dashboards;

/// <summary>A dashboard file of <c>grafana/dashboards</c>.</summary>
internal sealed class Dashboard
{
    private Dashboard(string path)
    {
        Name = Path.GetFileNameWithoutExtension(path);
        Text = File.ReadAllText(path);
        Json = JsonDocument.Parse(Text).RootElement;
    }

    public static IReadOnlyList<Dashboard> All { get; } = [.. Directory.EnumerateFiles(SourceTree.PathOf("grafana/dashboards"), "*.json").Order(StringComparer.Ordinal).Select(path => new Dashboard(path))];

    public string Name { get; }

    public string Text { get; }

    public JsonElement Json { get; }

    public string Uid => Json.GetProperty("uid").GetString()!;

    /// <summary>Everything in the grid, rows too.</summary>
    public IEnumerable<JsonElement> Grid => Json.GetProperty("panels").EnumerateArray();

    /// <summary>Panels that draw data.</summary>
    public IEnumerable<Panel> Panels => Grid.Where(panel => panel.GetProperty("type").GetString() != "row").Select(panel => new Panel(Name, panel));

    public IEnumerable<JsonElement> Variables => Json.GetProperty("templating").GetProperty("list").EnumerateArray();

    public IEnumerable<JsonElement> Annotations => Json.GetProperty("annotations").GetProperty("list").EnumerateArray();

    /// <summary>Every InfluxQL statement in it, and where it stands.</summary>
    public IEnumerable<(string Where, string Query)> Queries =>
    [
        .. Panels.SelectMany(panel => panel.Targets.Select(target => ($"{panel}/{target.GetProperty("refId").GetString()}", target.GetProperty("query").GetString()!))),
        .. Annotations.Select(annotation => ($"{Name}/annotation", annotation.GetProperty("target").GetProperty("query").GetString()!)),
        .. Variables.Where(variable => variable.GetProperty("type").GetString() == "query").Select(variable => ($"{Name}/${variable.GetProperty("name").GetString()}", variable.GetProperty("query").GetString()!)),
    ];

    public override string ToString() => Name;
}
