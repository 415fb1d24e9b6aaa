using TrainingMonitor.Grafana.Tests.Dashboards;
using TrainingMonitor.Grafana.Tests.Support;

namespace TrainingMonitor.Grafana.Tests;

/// <summary>Every statement of every dashboard is asked of a real influxd that holds real runs, and answers with rows.</summary>
[Collection(RecordedSet.Name)]
public sealed class QueryTests(RecordedData data)
{
    public static TheoryData<string> Names => [.. Dashboard.All.Select(dashboard => dashboard.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_query_returns_rows(string name)
    {
        var stop = TestContext.Current.CancellationToken;
        var silent = new List<string>();
        foreach (var (where, query) in Dashboard.All.Single(dashboard => dashboard.Name == name).Queries)
        {
            var series = await PanelData.AskAsync(data, query, ".*", 200, stop);
            if (!series.SelectMany(found => found.GetProperty("values").EnumerateArray()).Any(row => row.EnumerateArray().Skip(1).Any(value => value.ValueKind is not System.Text.Json.JsonValueKind.Null)))
                silent.Add($"{where}: {query}");
        }

        silent.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_what_is_open_counts_as_open()
    {
        var stop = TestContext.Current.CancellationToken;
        var influx = await data.GetAsync(stop);
        var query = Dashboard.All.Single(dashboard => dashboard.Name == "fleet").Panels.Single(panel => panel.Title == "Open warnings").Targets.Single().GetProperty("query").GetString()!;
        var told = (await PanelData.AskAsync(data, query, ".*", 200, stop)).SelectMany(series => series.GetProperty("values").EnumerateArray()).Sum(row => row[1].GetInt64());

        // The same by hand, from all transitions.
        var transitions = await influx.RowsAsync(RecordedData.Database, "SELECT \"ordinal\", \"run\", \"rule\", \"state\" FROM \"alert\" WHERE \"severity\" = 'warning'");
        var open = transitions.GroupBy(row => (row[2].GetString(), row[3].GetString())).Count(alert => alert.OrderBy(row => row[1].GetInt64()).Last()[4].GetString() == "firing");
        told.ShouldBe(open);
        transitions.Count(row => row[4].GetString() == "firing").ShouldBeGreaterThan(open, "the recordings have alerts that resolved");
    }
}
