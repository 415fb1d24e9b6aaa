using System.Net.Http.Headers;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>The recipe of docs/influxdb.md for an InfluxDB 1.x that did not end by itself.</summary>
public sealed class InfluxRecoveryTests
{
    [Fact]
    public async Task What_is_taken_after_a_recovery_from_a_torn_log_outlasts_the_next_kill()
    {
        await using var server = await InfluxServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        await server.QueryAsync("", "CREATE DATABASE torn");
        await WriteAsync(http, first: 0, count: 1000);
        await server.KillAsync();
        TearLog(server.Folder);

        await server.RecoverAsync();
        await WriteAsync(http, first: 1000, count: 1000);
        await server.KillAsync();
        await server.RunAsync();

        (await server.RowsAsync("torn", "SELECT COUNT(v) FROM m"))[0][1].GetInt32().ShouldBe(2000);
    }

    // Half an entry: its kind, a length of 4096, and some of it.
    private static void TearLog(string folder)
    {
        var log = Directory.EnumerateFiles(Path.Combine(folder, "wal", "torn"), "*.wal", SearchOption.AllDirectories).ShouldHaveSingleItem();
        using var file = new FileStream(log, FileMode.Append);
        file.Write([1, 0, 0, 16, 0]);
        file.Write(new byte[700]);
    }

    private static async Task WriteAsync(HttpClient http, int first, int count)
    {
        using var lines = new StringContent(string.Join('\n', Enumerable.Range(first, count).Select(i => $"m,run=a v={i} {1_700_000_000_000_000_000 + i}")));
        lines.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var answer = await http.PostAsync(new Uri("write?db=torn", UriKind.Relative), lines);
        ((int)answer.StatusCode).ShouldBe(204);
    }
}
