using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>A real influxd of 1.x in a temporary folder on loopback. Without the program tests are skipped, or fail where everything is required.</summary>
public sealed class InfluxServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/influxd";
    private readonly string folder;
    private readonly HttpClient http = new();
    private Process? process;

    private readonly bool authenticates;

    private InfluxServer(int port, bool authenticates, string? disk)
    {
        folder = disk is null ? Directory.CreateTempSubdirectory("trainmon-influxd-").FullName : Directory.CreateDirectory(Path.Combine(disk, "influxd")).FullName;
        Url = new Uri($"http://127.0.0.1:{port}");
        this.authenticates = authenticates;
    }

    public Uri Url { get; }

    /// <summary>Where its data, its log and its configuration are.</summary>
    public string Folder => folder;

    /// <summary>Starts one.</summary>
    /// <param name="authenticates">Whether it asks for a user and password once there is one.</param>
    /// <param name="disk">Folder for its own; null: a temporary one.</param>
    public static async Task<InfluxServer> StartAsync(bool authenticates = false, string? disk = null)
    {
        if (!File.Exists(Program) && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
        {
            Assert.Skip("skipped: needs influxd");
        }

        File.Exists(Program).ShouldBeTrue($"needs influxd at {Program}");
        var server = new InfluxServer(FreePort(), authenticates, disk);
        await server.RunAsync();
        return server;
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <summary>Starts it, or starts it again on the same port with the same data.</summary>
    public Task RunAsync() => RunAsync(Url);

    /// <summary>Starts it again after it was killed or its disk was full, as docs/influxdb.md says: InfluxDB 1.x loses what it takes after a start that found a torn log, at the next start. So nobody
    /// reaches the first one.</summary>
    public async Task RecoverAsync()
    {
        await RunAsync(new Uri($"http://127.0.0.1:{FreePort()}"));
        await KillAsync();
        await RunAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>User and password of further queries.</summary>
    public void LogIn(string token) =>
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(token)));

    /// <summary>The series that an InfluxQL statement gives.</summary>
    public async Task<List<JsonElement>> QueryAsync(string database, string statement)
    {
        using var content = new FormUrlEncodedContent([KeyValuePair.Create("db", database), KeyValuePair.Create("q", statement), KeyValuePair.Create("epoch", "ns")]);
        using var response = await http.PostAsync(new Uri(Url, "query"), content);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        var result = JsonDocument.Parse(text).RootElement.GetProperty("results")[0];
        result.TryGetProperty("error", out var error).ShouldBeFalse(error.ValueKind == JsonValueKind.String ? error.GetString() : "");
        return result.TryGetProperty("series", out var series) ? [.. series.EnumerateArray()] : [];
    }

    /// <summary>All rows of a statement; column 0 is the time.</summary>
    public async Task<List<JsonElement>> RowsAsync(string database, string statement) =>
        [.. (await QueryAsync(database, statement)).SelectMany(series => series.GetProperty("values").EnumerateArray())];

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
        }

        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task RunAsync(Uri url)
    {
        var config = Path.Combine(folder, "influxd.conf");
        await File.WriteAllTextAsync(
            config,
            $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:0"
            [meta]
              dir = "{folder}/meta"
            [data]
              dir = "{folder}/data"
              wal-dir = "{folder}/wal"
              query-log-enabled = false
            [http]
              bind-address = "127.0.0.1:{url.Port}"
              log-enabled = false
              auth-enabled = {(authenticates ? "true" : "false")}
            [monitor]
              store-enabled = false
            """);
        process = Process.Start(new ProcessStartInfo(Program, ["-config", config]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var waited = Stopwatch.StartNew();
        while (!await AnswersAsync(url))
        {
            process.HasExited.ShouldBeFalse("influxd ended by itself");
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(2), "influxd does not answer");
            await Task.Delay(50);
        }
    }

    private async Task<bool> AnswersAsync(Uri url)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(url, "ping"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
