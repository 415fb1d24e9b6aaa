using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Benchmarks.Latency;

/// <summary>From starting the process <c>trainmon serve</c> to its first accepted connection and to ready.</summary>
internal static class StartTime
{
    public static async Task<string> RunAsync(string program, int rounds)
    {
        var rows = new List<(double Accepts, double Ready)>();
        for (var i = 0; i < rounds; i++)
        {
            rows.Add(await OneAsync(program));
        }

        var accepts = rows.Select(row => row.Accepts).Order().ToList();
        var ready = rows.Select(row => row.Ready).Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| starts | accepts, s: median | largest | ready, s: median | largest |\n|---|---|---|---|---|\n| {rounds} | {accepts[rounds / 2]:F2} | {accepts[^1]:F2} | {ready[rounds / 2]:F2} | {ready[^1]:F2} |\n");
    }

    private static async Task<(double Accepts, double Ready)> OneAsync(string program)
    {
        var folder = Directory.CreateTempSubdirectory("trainmon-start").FullName;
        var (grpc, http) = (FreePort(), FreePort());
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { "serve", "--data", folder, "--grpc-port", $"{grpc}", "--http-port", $"{http}", "--no-auth" })
        {
            start.ArgumentList.Add(argument);
        }

        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            while (!await ConnectsAsync(grpc))
            {
                await Task.Delay(5);
            }

            var accepts = clock.Elapsed.TotalSeconds;
            using var client = new HttpClient();
            while (!await ReadyAsync(client, http))
            {
                await Task.Delay(5);
            }

            return (accepts, clock.Elapsed.TotalSeconds);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<bool> ReadyAsync(HttpClient client, int port)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // the HTTP port opens a moment after the other
        }
    }

    private static async Task<bool> ConnectsAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false; // not listening yet
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
