using System.Diagnostics;
using System.Text;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Support;

/// <summary><c>trainmon serve</c> as a process of its own, on fixed ports so that it can be killed and started again under its trainer.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly StringBuilder said = new();
    private readonly HttpClient http = new();
    private Process? process;

    public ServerProcess(string folder)
    {
        Folder = folder;
        (GrpcPort, HttpPort) = (Ports.Free(), Ports.Free());
    }

    public string Folder { get; }

    /// <summary>Environment variables of the server.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Further arguments of the command.</summary>
    public List<string> Arguments { get; } = [];

    public int GrpcPort { get; }

    public int HttpPort { get; }

    public Uri Grpc => new($"http://127.0.0.1:{GrpcPort}");

    public Uri Http => new($"http://127.0.0.1:{HttpPort}");

    /// <summary>What it wrote, for a failing test's message.</summary>
    public string Said
    {
        get
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    /// <summary>Starts it and returns when it takes trainers.</summary>
    public async Task StartAsync(CancellationToken stop)
    {
        process = CommandLine.Start(Settings, ["serve", "--data", Folder, "--grpc-port", $"{GrpcPort}", "--http-port", $"{HttpPort}", "--no-auth", "--json", .. Arguments]);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!await ReadyAsync(stop))
        {
            process.HasExited.ShouldBeFalse($"the server ended at start: {Said}");
            await Task.Delay(50, stop);
        }
    }

    /// <summary>SIGTERM: the server says goodbye to its trainers, takes snapshots and ends by itself.</summary>
    public async Task StopAsync(CancellationToken stop)
    {
        using (Process.Start("kill", ["-TERM", $"{process!.Id}"]))
        {
            await process.WaitForExitAsync(stop);
        }

        process.ExitCode.ShouldBe(0, Said);
        process.Dispose();
        process = null;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async Task<string> GetAsync(string path, CancellationToken stop)
    {
        using var answer = await http.GetAsync(new Uri(Http, path), stop);
        var body = await answer.Content.ReadAsStringAsync(stop);
        answer.IsSuccessStatusCode.ShouldBeTrue($"{path}: {(int)answer.StatusCode} {body}");
        return body;
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (process is { HasExited: false })
        {
            await KillAsync();
        }
    }

    private async Task<bool> ReadyAsync(CancellationToken stop)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(Http, "/health/ready"), stop);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // not listening yet
        }
    }

    private void Keep(string? line)
    {
        lock (said)
        {
            said.AppendLine(line);
        }
    }
}
