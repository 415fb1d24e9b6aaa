using System.Text.Json;

namespace TrainingMonitor.Grafana.Tests.Dashboards;

/// <summary>A panel that draws data.</summary>
/// <param name="Dashboard">File it is in.</param>
/// <param name="Json">The panel.</param>
internal sealed record Panel(string Dashboard, JsonElement Json)
{
    public string Title => Json.GetProperty("title").GetString()!;

    public string Type => Json.GetProperty("type").GetString()!;

    public string Description => Json.TryGetProperty("description", out var text) ? text.GetString()! : "";

    public JsonElement Defaults => Json.GetProperty("fieldConfig").GetProperty("defaults");

    public IEnumerable<JsonElement> Targets => Json.GetProperty("targets").EnumerateArray();

    public int MaxDataPoints => Json.TryGetProperty("maxDataPoints", out var most) ? most.GetInt32() : 500;

    public override string ToString() => $"{Dashboard}/{Title}";
}
