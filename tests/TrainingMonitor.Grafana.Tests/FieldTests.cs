using TrainingMonitor.Grafana.Tests.Dashboards;
using TrainingMonitor.Grafana.Tests.Support;
using TrainingMonitor.Storage.Tests.Influx;

namespace TrainingMonitor.Grafana.Tests;

/// <summary>Panels use what is written, and what is written is used.</summary>
[Collection(RecordedSet.Name)]
public sealed class FieldTests(RecordedData data)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Panels_use_fields_and_tags_of_the_schema_only()
    {
        var wrong = from dashboard in Dashboard.All
                    from query in dashboard.Queries
                    let measurement = InfluxQl.Measurement(query.Query)
                    where measurement != "monitor" && !query.Query.StartsWith("SHOW ", StringComparison.Ordinal)
                    from column in InfluxQl.Columns(query.Query)
                    where !KnownSchema.Tags[measurement].Contains(column) && !KnownSchema.Fields[measurement].Contains(column)
                    select $"{query.Where}: {measurement} has no \"{column}\"";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Panels_of_the_monitor_use_numbers_that_it_writes()
    {
        var written = await KeysAsync("FIELD", "monitor");
        var used = Used("monitor");

        used.Except(written).Except(["node"]).ShouldBeEmpty("not written");
        written.Except(used).ShouldBeEmpty("written, and no panel shows it");
    }

    [Fact]
    public void Every_field_is_shown_or_its_absence_explained()
    {
        foreach (var (measurement, fields) in KnownSchema.Fields)
        {
            var used = Used(measurement);
            var silent = fields.Except(used).ToList();

            silent.Where(field => NotShown.Why(measurement, field) is null).ShouldBeEmpty($"written to {measurement}, and no panel shows it");
            used.Where(field => fields.Contains(field) && NotShown.Why(measurement, field) is not null).ShouldBeEmpty($"shown of {measurement}, and said not to be");
        }
    }

    [Fact]
    public async Task The_schema_of_these_tests_is_that_of_the_database()
    {
        foreach (var measurement in KnownSchema.Fields.Keys.Except(["scalar"]))
        {
            (await KeysAsync("FIELD", measurement)).ShouldBeSubsetOf(KnownSchema.Fields[measurement], measurement);
            (await KeysAsync("TAG", measurement)).ShouldBeSubsetOf(KnownSchema.Tags[measurement], measurement);
        }

        (await KeysAsync("TAG", "monitor")).ShouldBe(KnownSchema.Tags["monitor"]);
    }

    private static HashSet<string> Used(string measurement) => Dashboard.All.SelectMany(dashboard => dashboard.Queries)
        .Where(query => !query.Query.StartsWith("SHOW ", StringComparison.Ordinal) && InfluxQl.Measurement(query.Query) == measurement)
        .SelectMany(query => InfluxQl.Columns(query.Query))
        .ToHashSet(StringComparer.Ordinal);

    private async Task<List<string>> KeysAsync(string kind, string measurement)
    {
        InfluxServer influx = await data.GetAsync(Stop);
        var rows = await influx.RowsAsync(RecordedData.Database, $"SHOW {kind} KEYS FROM \"{measurement}\"");
        rows.ShouldNotBeEmpty(measurement);
        return [.. rows.Select(row => row[0].GetString()!)];
    }
}
