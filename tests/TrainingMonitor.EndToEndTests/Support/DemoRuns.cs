using System.Text.Json;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Support;

/// <summary>Demo runs, each made once by the command line and kept with its data folder for all tests that look at it.</summary>
public sealed class DemoRuns : IDisposable
{
    private readonly TemporaryFolder folders = new();
    private readonly Dictionary<(string Job, int Seed), JsonElement> summaries = [];

    /// <summary>Data folder of a run.</summary>
    public string Folder(string job, int seed) => Path.Combine(folders.Path, $"{job}-{seed}");

    /// <summary>What <c>trainmon demo --headless --json</c> says at its end. TRAINMON_SUMMARIES names a folder where it is kept.</summary>
    public async Task<JsonElement> SummaryAsync(string job, int seed, CancellationToken stop)
    {
        if (!summaries.TryGetValue((job, seed), out var summary))
        {
            var text = await CommandLine.RunAsync(stop, "demo", "--job", job, "--seed", $"{seed}", "--data", Folder(job, seed), "--headless", "--json");
            summaries[(job, seed)] = summary = JsonDocument.Parse(text).RootElement;
            if (Environment.GetEnvironmentVariable("TRAINMON_SUMMARIES") is { Length: > 0 } kept)
            {
                await File.WriteAllTextAsync(Path.Combine(kept, $"{job}-{seed}.json"), text, stop);
            }
        }

        return summary;
    }

    public void Dispose() => folders.Dispose();
}
