using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Grafana.Tests.Support;

/// <summary>A run that has every field, written by the server's own line writer into the same database: no single training job sends everything (clipping, tokens, both
/// gates, scalars, a critical alert), and a panel must not wait for one to be tested.</summary>
internal static class EveryField
{
    public const string Run = "every-field";
    private const int Steps = 8;
    private static readonly string[] Layers = ["first", "second"];

    /// <summary>Writes it in the time range of the recorded runs.</summary>
    public static async Task WriteAsync(Uri server, long firstUnixNs, CancellationToken stop)
    {
        var bodies = new List<byte[]>();
        var lines = new SeriesLines((body, _) => bodies.Add(body.ToArray()));
        long Stamp(int step) => firstUnixNs + (step * 100_000_000L);
        lines.Add(new RunWrites(Run, 1)
        {
            Project = "grafana-tests",
            Points = [.. Enumerable.Range(0, Steps).Select(step => new RunPoint(0, 0, step, Stamp(step), [.. Enumerable.Range(0, SeriesCatalog.RunCount).Select(series => 1.0 + (series % 4) + (0.1 * step))], 0))],
            Blocks = [.. Enumerable.Range(0, Steps).Select(step => Block(4 * step, Stamp(step)))],
            Scalars = [.. Enumerable.Range(0, Steps).Select(step => new ScalarPoint(0, 0, step, Stamp(step), "perplexity", 10 - step))],
            Alerts =
            [
                new Alert
                {
                    Id = "every-field/divergence", Ordinal = 1, Rule = "divergence", Severity = Severity.Critical, State = AlertState.Firing, Step = 5, SinceStep = 4,
                    TimeUnixNs = Stamp(5), Summary = "The loss runs away.", Advice = "Stop.",
                },
            ],
        });
        lines.Flush();
        using var http = new HttpClient();
        foreach (var body in bodies)
        {
            using var content = new ByteArrayContent(body);
            using var answer = await http.PostAsync(new Uri(server, $"write?db={RecordedData.Database}"), content, stop);
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync(stop));
        }
    }

    private static LayerBlock Block(long firstStep, long timeUnixNs)
    {
        var size = SeriesCatalog.LayerCount * Layers.Length;
        float[] Values(float offset) => [.. Enumerable.Range(0, size).Select(i => 0.1f + (i % 5) + offset)];
        return new LayerBlock(
            0, 0, firstStep, 4, firstStep + 3, timeUnixNs, 1, Layers, [.. Enumerable.Repeat(4, size)], new int[size], Values(-0.05f), Values(0.05f), Values(0), Values(0.01f));
    }
}
