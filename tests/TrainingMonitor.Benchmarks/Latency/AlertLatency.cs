using System.Diagnostics;
using System.Globalization;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Benchmarks.Latency;

/// <summary>From <c>Report</c> of a broken step to <c>OnAlert</c>, with the .NET client, the wire and the real server between: one alert a run, one run after the other, idle beside it.</summary>
internal static class AlertLatency
{
    public static async Task<string> RunAsync(int runs)
    {
        var folder = Directory.CreateTempSubdirectory("trainmon-latency").FullName;
        try
        {
            await using var server = await MonitorServer.StartAsync(
                new ServerOptions { DataFolder = Path.Combine(folder, "data"), GrpcPort = 0, HttpPort = 0, NoAuth = true }, default);
            var milliseconds = new List<double>();
            for (var i = 0; i < runs + 20; i++)
            {
                var latency = await OneAsync(server.GrpcAddress, Path.Combine(folder, "spill"), $"latency-{i}");
                if (i >= 20)
                {
                    milliseconds.Add(latency); // the first ones warm the JIT
                }
            }

            milliseconds.Sort();
            double Quantile(double q) => milliseconds[Math.Min(milliseconds.Count - 1, (int)(q * milliseconds.Count))];
            return string.Create(
                CultureInfo.InvariantCulture,
                $"| alerts | p50, ms | p90, ms | p99, ms | largest, ms |\n|---|---|---|---|---|\n| {runs} | {Quantile(0.5):F1} | {Quantile(0.9):F1} | {Quantile(0.99):F1} | {milliseconds[^1]:F1} |\n");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> OneAsync(Uri server, string spill, string runId)
    {
        var received = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var client = TrainingMonitorClient.Start(new ClientOptions { Server = server, RunId = runId, SpillFolder = spill });
        client.OnAlert += alert =>
        {
            if (alert.Rule == "nonfinite")
            {
                received.TrySetResult(Stopwatch.GetTimestamp());
            }
        };
        var table = new LayerTable { Version = 1 };
        table.Layers.Add(new Layer { Name = "layer", Parameters = 1 });
        client.SetLayers(table);
        client.Report(Step(0, 1));
        while (client.Page.Length == 0)
        {
            await Task.Delay(5); // until the stream is open
        }

        await Task.Delay(50);
        var sent = Stopwatch.GetTimestamp();
        client.Report(Step(1, double.NaN));
        var seen = await received.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return Stopwatch.GetElapsedTime(sent, seen).TotalMilliseconds;
    }

    private static StepReport Step(ulong step, double loss) => new() { Step = step, LayerTableVersion = 1, BatchSize = 1, Values = new StepValues { Loss = loss } };
}
