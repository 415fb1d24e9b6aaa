using System.Collections.Concurrent;
using System.Text.Json;
using Google.Protobuf;
using TrainingMonitor.Client;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Clocks;

/// <summary>Canaries and sentinels from the client through a server of its own to the trainer's alerts and the stored series.</summary>
public sealed class ClockAlertTests
{
    private const int StepsAPass = 5, Passes = 12;

    [Fact]
    public async Task Known_labels_and_a_rising_loss_come_back_to_the_trainer_as_alerts()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        await server.StartAsync(stop);
        var alerts = new ConcurrentQueue<Alert>();
        using (var client = TrainingMonitorClient.Start(new ClientOptions { Server = server.Grpc, RunId = "clocks", Project = "clocks", SpillFolder = Path.Combine(folders.Path, "spill"), ExitTimeout = TimeSpan.FromSeconds(60) }))
        {
            client.OnAlert += alerts.Enqueue;
            for (var step = 0; step < StepsAPass * Passes; step++)
            {
                client.Report(Report(step));
            }

            for (var wait = 0; alerts.Count(a => a.State == AlertState.Firing) < 2 && wait < 600; wait++)
            {
                await Task.Delay(100, stop);
            }
        }

        Alert[] fired = [.. alerts.Where(a => a.State == AlertState.Firing)];
        fired.Select(a => a.Rule).ShouldBe(["canaries_memorized", "sentinel_loss_rising"], ignoreOrder: true, server.Said);
        fired.ShouldAllBe(a => a.Evidence.Values.ContainsKey("onset_step") && a.Summary.Length > 0);

        // Of the passes all but the open one.
        Dictionary<string, int> expected = new() { ["canary_evidence"] = Passes - 1, ["canary_held_out"] = Passes - 1, ["sentinel_loss"] = Passes, ["sentinel_rise"] = Passes - 1 };
        Dictionary<string, int> found = [];

        // The store has a run's points a moment after the trainer has its ack.
        await Eventually.Async(async () => expected.All((found = await LengthsAsync(server, expected.Keys, stop)).Contains));
        found.ShouldBe(expected, ignoreOrder: true);
    }

    private static async Task<Dictionary<string, int>> LengthsAsync(ServerProcess server, IEnumerable<string> names, CancellationToken stop)
    {
        using var series = JsonDocument.Parse(await server.GetAsync($"/api/v1/runs/clocks/series?names={string.Join(',', names)}", stop));
        return series.RootElement.GetProperty("series").EnumerateArray().ToDictionary(s => s.GetProperty("name").GetString()!, s => s.GetProperty("last").GetArrayLength(), StringComparer.Ordinal);
    }

    // Labels are learnt by heart from the sixth pass on, and the withheld examples lose from then on.
    private static StepReport Report(int step)
    {
        var pass = step / StepsAPass;
        var known = pass >= 6;
        var report = new StepReport { Step = (ulong)step, BatchSize = 50, Values = new StepValues { Loss = Math.Exp(-step / 40.0) } };
        report.Canaries = new CanarySums
        {
            Choices = 3,
            Canaries = 16,
            Pass = (ulong)pass,
            RankCounts = ByteString.CopyFrom(known ? (byte)3 : (byte)1, 0, 0, 0, known ? (byte)0 : (byte)1, 0, 0, 0, known ? (byte)0 : (byte)1, 0, 0, 0),
            SumLoss = 3,
            SumAdvantage = known ? 3 : 0,
            SumAdvantageSq = 3,
            SumPull = 2,
            Others = 47,
            OthersSumPull = 20,
            TrainCount = 50,
            TrainSumLoss = 50,
        };
        if (step % StepsAPass == 0)
        {
            var rise = known ? 0.2 * (pass - 5) : -0.1;
            report.Sentinels = new SentinelSums
            {
                FreshCount = 50, FreshSumLoss = 60 + (50 * rise), FreshSumLossSq = 200, ReferenceStep = (ulong)Math.Clamp(step - StepsAPass, 0, 5 * StepsAPass),
                PairedCount = pass == 0 ? 0u : 50, SumRise = pass == 0 ? 0 : 50 * rise, SumRiseSq = pass == 0 ? 0 : 50 * ((rise * rise) + 0.01),
            };
        }

        return report;
    }
}
