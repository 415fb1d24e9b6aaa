using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace TrainingMonitor.Notifications.Tests.Support;

/// <summary>A real Alertmanager in a temporary folder on loopback. Without the program tests are skipped, or fail where everything is required.</summary>
public sealed class AlertmanagerServer : IAsyncDisposable
{
    private const string Program = "/usr/bin/prometheus-alertmanager";
    private readonly string folder = Directory.CreateTempSubdirectory("trainmon-alertmanager-").FullName;
    private readonly HttpClient http = new();
    private Process? process;

    private AlertmanagerServer(int port) => Url = new Uri($"http://127.0.0.1:{port}");

    public Uri Url { get; }

    /// <summary>Starts one that hands everything to a webhook at once.</summary>
    /// <param name="webhook">Where its own notifications go; null: nowhere.</param>
    public static async Task<AlertmanagerServer> StartAsync(Uri? webhook = null)
    {
        if (!File.Exists(Program) && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
        {
            Assert.Skip("skipped: needs alertmanager");
        }

        File.Exists(Program).ShouldBeTrue($"needs alertmanager at {Program}");
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        var server = new AlertmanagerServer(((IPEndPoint)socket.LocalEndpoint).Port);
        socket.Stop();
        var target = webhook is null ? "" : $"\n    webhook_configs: [{{ url: '{webhook}', send_resolved: true }}]";
        await File.WriteAllTextAsync(
            Path.Combine(server.folder, "config.yml"),
            $"route: {{ receiver: all, group_by: ['...'], group_wait: 10ms, group_interval: 100ms, repeat_interval: 1h }}\nreceivers:\n  - name: all{target}\n");
        await server.RunAsync();
        return server;
    }

    /// <summary>Starts it, or starts it again on the same port; it remembers no alerts.</summary>
    public async Task RunAsync()
    {
        process = Process.Start(new ProcessStartInfo(
            Program,
            [$"--config.file={folder}/config.yml", $"--storage.path={folder}/data", $"--web.listen-address={Url.Authority}", "--cluster.listen-address=", "--log.level=error"])
        { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.Async(async () =>
        {
            process.HasExited.ShouldBeFalse("alertmanager ended by itself");
            try
            {
                using var answer = await http.GetAsync(new Uri(Url, "-/ready"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    /// <summary>Alerts it takes for firing.</summary>
    public async Task<List<JsonElement>> AlertsAsync()
    {
        using var body = JsonDocument.Parse(await http.GetStringAsync(new Uri(Url, "api/v2/alerts")));
        return [.. body.RootElement.EnumerateArray().Select(alert => alert.Clone())];
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
        }

        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
