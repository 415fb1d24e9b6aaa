using System.Text.Json;
using System.Text.RegularExpressions;
using TrainingMonitor.Grafana.Tests.Dashboards;

namespace TrainingMonitor.Grafana.Tests;

/// <summary>What every dashboard file must be, whatever it shows.</summary>
public sealed partial class DashboardRuleTests
{
    private const string Datasource = "trainmon-influxdb";
    private static readonly string[] Types = ["timeseries", "trend", "stat", "table", "heatmap", "state-timeline"];

    // Identifiers of Grafana's units that we use; "suffix: x" is a unit of one's own.
    private static readonly string[] Units = ["none", "short", "s", "percentunit", "bytes", "Bps", "cps", "sci", "dateTimeFromNow"];

    public static TheoryData<string> Names => [.. Dashboard.All.Select(dashboard => dashboard.Name)];

    [Fact]
    public void There_are_four_with_ids_and_titles_of_their_own()
    {
        Dashboard.All.Select(dashboard => dashboard.Name).ShouldBe(["fleet", "layers", "monitor-health", "run"]);
        Dashboard.All.Select(dashboard => dashboard.Uid).ShouldBeUnique();
        Dashboard.All.ShouldAllBe(dashboard => dashboard.Uid.StartsWith("trainmon-"));
        Dashboard.All.Select(dashboard => dashboard.Json.GetProperty("title").GetString()).ShouldBeUnique();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_panel_says_what_it_shows_in_which_unit_and_how_to_read_it(string name)
    {
        var wrong = new List<string>();
        foreach (var panel in Find(name).Panels)
        {
            var unit = panel.Defaults.TryGetProperty("unit", out var text) ? text.GetString()! : "";
            Check(panel.Title.Length is > 0 and < 60, "title");
            Check(Types.Contains(panel.Type), $"type {panel.Type}");
            Check(Units.Contains(unit) || unit.StartsWith("suffix: ", StringComparison.Ordinal), $"unit \"{unit}\"");
            Check(panel.Description.Length is > 40 and <= 240 && !panel.Description.Contains('\n', StringComparison.Ordinal), "description of one line");
            Check(panel.Description.EndsWith('.'), "description ends as a sentence");
            Check(DrawsThreshold(panel) || panel.Description.Contains("No threshold: ", StringComparison.Ordinal), "threshold, or why there is none");
            Check(!(DrawsThreshold(panel) && panel.Description.Contains("No threshold: ", StringComparison.Ordinal)), "says it has none and draws one");

            void Check(bool good, string what)
            {
                if (!good)
                    wrong.Add($"{panel}: {what}");
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Queries_are_raw_influxql_of_our_datasource(string name)
    {
        foreach (var panel in Find(name).Panels)
        {
            panel.Json.GetProperty("datasource").GetProperty("uid").GetString().ShouldBe(Datasource, panel.ToString());
            panel.Targets.ShouldNotBeEmpty(panel.ToString());
            panel.Targets.Select(target => target.GetProperty("refId").GetString()).ShouldBeUnique(panel.ToString());
            foreach (var target in panel.Targets)
            {
                target.GetProperty("datasource").GetProperty("uid").GetString().ShouldBe(Datasource, panel.ToString());
                target.GetProperty("rawQuery").GetBoolean().ShouldBeTrue(panel.ToString());
                var query = target.GetProperty("query").GetString()!;
                query.ShouldStartWith("SELECT ", customMessage: panel.ToString());
                query.ShouldContain("$timeFilter", customMessage: panel.ToString());
                // Names of retention policies differ between versions, and 3 has no SLIMIT, SAMPLE or moving technical functions.
                NotEverywhere().IsMatch(query).ShouldBeFalse($"{panel}: {query}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_grid_has_no_overlap_and_ids_are_stable(string name)
    {
        var dashboard = Find(name);
        dashboard.Grid.Select(panel => panel.GetProperty("id").GetInt32()).ShouldBeUnique();
        dashboard.Json.TryGetProperty("id", out _).ShouldBeFalse("an id of one Grafana's database");
        var taken = new Dictionary<(int X, int Y), string>();
        foreach (var panel in dashboard.Grid)
        {
            var title = panel.GetProperty("title").GetString()!;
            var place = panel.GetProperty("gridPos");
            var (x, y, w, h) = (Number(place, "x"), Number(place, "y"), Number(place, "w"), Number(place, "h"));
            (x >= 0 && w > 0 && h > 0 && x + w <= 24).ShouldBeTrue($"{title} leaves the grid");
            for (var cell = 0; cell < w * h; cell++)
                taken.TryAdd((x + (cell % w), y + (cell / w)), title).ShouldBeTrue($"{title} covers {taken.GetValueOrDefault((x + (cell % w), y + (cell / w)))}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_classic_json_without_secrets_and_links_to_what_there_is(string name)
    {
        var dashboard = Find(name);
        dashboard.Json.GetProperty("schemaVersion").GetInt32().ShouldBeInRange(39, 42);
        dashboard.Json.TryGetProperty("spec", out _).ShouldBeFalse("a resource of the newer model");
        dashboard.Json.GetProperty("time").GetProperty("from").GetString().ShouldBeOneOf("now-6h", "now-24h");
        Secret().IsMatch(dashboard.Text).ShouldBeFalse();
        var known = Dashboard.All.Select(other => other.Uid).ToHashSet(StringComparer.Ordinal);
        Link().Matches(dashboard.Text).Select(match => match.Groups["uid"].Value).ShouldBeSubsetOf(known);
        var variables = dashboard.Variables.Select(variable => variable.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal);
        Variable().Matches(dashboard.Text).Select(match => match.Groups["name"].Value).Where(variable => !variable.StartsWith("__", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)
            .ShouldBeSubsetOf(variables);
    }

    private static Dashboard Find(string name) => Dashboard.All.Single(dashboard => dashboard.Name == name);

    // A level above the base colour, and for curves a line at it.
    private static bool DrawsThreshold(Panel panel)
    {
        var levels = panel.Defaults.GetProperty("thresholds").GetProperty("steps").EnumerateArray().Count(step => step.GetProperty("value").ValueKind == JsonValueKind.Number);
        return levels > 0 && (panel.Type is not ("timeseries" or "trend") || panel.Defaults.GetProperty("custom").GetProperty("thresholdsStyle").GetProperty("mode").GetString() != "off");
    }

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    [GeneratedRegex(@"autogen|\bSLIMIT\b|\bSOFFSET\b|\bSAMPLE\(|EXPONENTIAL_MOVING|HOLT_WINTERS|\|>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NotEverywhere();

    [GeneratedRegex(@"password|secureJsonData|Bearer |Token [A-Za-z0-9_\-]{8}|api[_-]?key", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Secret();

    [GeneratedRegex(@"""/d/(?<uid>[^/""]+)/", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"\$\{(?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
