using System.Collections.Concurrent;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Tests;

/// <summary>A client for a test, its own spill folder, and what it said.</summary>
internal sealed class TestClients : IDisposable
{
    private readonly Lazy<string> spill = new(() => Directory.CreateTempSubdirectory("trainmon-test-").FullName);

    /// <summary>Made when it is first asked for.</summary>
    public string Spill => spill.Value;

    public ConcurrentQueue<string> Said { get; } = new();

    public ClientOptions Options(Uri server, string? spillFolder = null) => new()
    {
        Server = server,
        RunId = "run-1",
        Project = "tests",
        Rank = 0,
        WorldSize = 1,
        Token = "secret",
        Enabled = true,
        SpillFolder = spillFolder ?? Spill,
        BatchDelay = TimeSpan.FromMilliseconds(1),
        ExitTimeout = TimeSpan.FromSeconds(30), // machines that run tests stand still at times
        Say = Said.Enqueue,
    };

    public TrainingMonitorClient Start(Uri server, Func<ClientOptions, ClientOptions>? change = null)
    {
        var options = Options(server);
        return TrainingMonitorClient.Start(change?.Invoke(options) ?? options);
    }

    public static LayerTable Table(int layers) => new()
    {
        Layers = { Enumerable.Range(0, layers).Select(i => new Layer { Name = $"layer.{i}", Parameters = 10 }) },
        Columns = { new ColumnDeclaration { Statistic = LayerStatistic.GradSq, Combination = RankCombination.Replicated } },
    };

    public static StepReport Report(int step, int layers = 4) => new()
    {
        Step = (ulong)step,
        Columns = { new Column { Statistic = LayerStatistic.GradSq, Float32 = ByteString.CopyFrom(new byte[4 * layers]) } },
        Values = new() { Loss = 1.0 / (step + 1) },
    };

    public static async Task Until(Func<bool> condition, string what = "condition")
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(5, CancellationToken.None);
            patience.IsCancellationRequested.ShouldBeFalse($"Waited 60 s for {what}.");
        }
    }

    public void Dispose()
    {
        for (var attempt = 1; spill.IsValueCreated; attempt++)
        {
            try
            {
                Directory.Delete(Spill, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 100)
            {
                // A client that the test left in the middle of its work is writing there.
                Thread.Sleep(100);
            }
        }
    }
}
