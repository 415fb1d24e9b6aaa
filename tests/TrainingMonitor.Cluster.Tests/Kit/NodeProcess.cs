using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary><c>trainmon serve --cluster</c> as a process of its own with its supervisor: unless it was ended on purpose, it is started again when it ends. Between it and everything else
/// stand proxies.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int Aborted = 128 + 6;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly CancellationTokenSource ending = new();
    private readonly string log;
    private readonly Task supervising;
    private Process? process;
    private volatile bool wanted;

    /// <summary>Chooses ports; starts nothing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">Its data folder; what it says goes beside it.</param>
    /// <param name="postgresPort">PostgreSQL.</param>
    /// <param name="influxPort">influxd.</param>
    public NodeProcess(string name, string folder, int postgresPort, int influxPort)
    {
        (Name, Folder, log) = (name, folder, folder + ".log");
        (GrpcPort, HttpPort, BindPort) = (Ports.Free(), Ports.Free(), Ports.Free());
        Trainers = new FaultProxy(GrpcPort);
        Remoting = new FaultProxy(BindPort);
        Postgres = new FaultProxy(postgresPort);
        Influx = new FaultProxy(influxPort);
        SetClock(TimeSpan.Zero);
        supervising = Task.Run(SuperviseAsync);
    }

    public string Name { get; }

    public string Folder { get; }

    public int GrpcPort { get; }

    public int HttpPort { get; }

    /// <summary>What it listens on for other nodes, behind <see cref="Remoting"/>.</summary>
    public int BindPort { get; }

    /// <summary>Its address as the shared store knows its owners.</summary>
    public string Address => $"127.0.0.1:{Remoting.Port}";

    /// <summary>The way of trainers that were sent to it.</summary>
    public FaultProxy Trainers { get; }

    /// <summary>The way of the other nodes to it.</summary>
    public FaultProxy Remoting { get; }

    /// <summary>Its way to PostgreSQL.</summary>
    public FaultProxy Postgres { get; }

    /// <summary>Its way to influxd.</summary>
    public FaultProxy Influx { get; }

    /// <summary>Arguments beside those of its addresses.</summary>
    public List<string> Arguments { get; } = [];

    /// <summary>Its environment.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>How often it ended without being asked to.</summary>
    public int Restarts { get; private set; }

    /// <summary>How often it ended by an exception that nobody caught: SIGABRT. A node that the others have removed ends in order.</summary>
    public int Crashes { get; private set; }

    /// <summary>Process id; null: it does not run.</summary>
    public int? Id => process is { HasExited: false } running ? running.Id : null;

    /// <summary>The last of what it said.</summary>
    public string Said => File.Exists(log) ? string.Join('\n', ReadLog().TakeLast(60)) : "";

    private string Clock => Folder + ".clock";

    public Uri Http => new($"http://127.0.0.1:{HttpPort}");

    /// <summary>Starts it. Does not wait.</summary>
    public async Task StartAsync()
    {
        await turn.WaitAsync();
        try
        {
            wanted = true;
            Launch();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Returns when trainers may connect.</summary>
    public async Task ReadyAsync(CancellationToken stop)
    {
        while (!await IsReadyAsync(stop))
        {
            await Task.Delay(Look, stop);
        }
    }

    /// <summary>kill -9, and no supervisor.</summary>
    public async Task KillAsync()
    {
        await turn.WaitAsync();
        try
        {
            wanted = false;
            if (process is { HasExited: false })
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>SIGTERM. Returns its exit code.</summary>
    public async Task<int> StopAsync(CancellationToken stop)
    {
        await turn.WaitAsync(stop);
        try
        {
            wanted = false;
            await Programs.SignalAsync(process!, "TERM");
            await process!.WaitForExitAsync(stop);
            return process.ExitCode;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Sets its clock.</summary>
    /// <param name="ahead">How far it is ahead of the true time from now on; negative: behind.</param>
    public void SetClock(TimeSpan ahead)
    {
        File.WriteAllText(Clock + ".next", ahead.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        File.Move(Clock + ".next", Clock, overwrite: true);
    }

    /// <summary>SIGSTOP.</summary>
    public Task FreezeAsync() => Programs.SignalAsync(process!, "STOP");

    /// <summary>SIGCONT.</summary>
    public Task ThawAsync() => Programs.SignalAsync(process!, "CONT");

    /// <summary>Asks it over HTTP.</summary>
    /// <exception cref="HttpRequestException">It does not answer, or not with success.</exception>
    public async Task<string> GetAsync(string path, CancellationToken stop)
    {
        using var answer = await http.GetAsync(new Uri(Http, path), stop);
        var body = await answer.Content.ReadAsStringAsync(stop);
        return answer.StatusCode == HttpStatusCode.OK ? body : throw new HttpRequestException($"{Name} {path}: {(int)answer.StatusCode} {body}");
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await supervising.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await KillAsync();
        process?.Dispose();
        http.Dispose();
        foreach (var proxy in new[] { Trainers, Remoting, Postgres, Influx })
        {
            await proxy.DisposeAsync();
        }
    }

    private void Launch()
    {
        process?.Dispose();
        Say($"--- {DateTime.UtcNow:HH:mm:ss.fff} started");
        process = Programs.Start(
            Programs.Node,
            [
                Clock, "serve", "--cluster", "--no-auth", "--json", "--data", Folder, "--grpc-port", $"{GrpcPort}", "--http-port", $"{HttpPort}", "--cluster-host", "127.0.0.1",
                "--cluster-port", $"{Remoting.Port}", "--advertise-grpc", $"http://127.0.0.1:{Trainers.Port}", .. Arguments,
            ],
            Settings.Append(KeyValuePair.Create("TRAINMON_CLUSTER_BIND_PORT", $"{BindPort}")),
            Say,
            Say);
    }

    private async Task SuperviseAsync()
    {
        while (true)
        {
            await Task.Delay(Look, ending.Token);
            await turn.WaitAsync(ending.Token);
            try
            {
                if (wanted && process is { HasExited: true })
                {
                    Say($"--- {DateTime.UtcNow:HH:mm:ss.fff} ended by itself with {process.ExitCode}");
                    Restarts++;
                    Crashes += process.ExitCode == Aborted ? 1 : 0;
                    await Task.Delay(TimeSpan.FromSeconds(1), ending.Token);
                    Launch();
                }
            }
            finally
            {
                turn.Release();
            }
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken stop)
    {
        try
        {
            await GetAsync("/health/ready", stop);
            return true;
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return false;
        }
    }

    private void Say(string line)
    {
        lock (turn)
        {
            File.AppendAllText(log, line + "\n");
        }
    }

    private string[] ReadLog()
    {
        lock (turn)
        {
            return File.ReadAllLines(log);
        }
    }
}
