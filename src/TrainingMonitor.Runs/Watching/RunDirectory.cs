using System.Collections.Concurrent;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Watching;

/// <summary>Newest published summaries of the runs that have an actor. Thread-safe; a published summary is never changed.</summary>
internal sealed class RunDirectory
{
    private readonly ConcurrentDictionary<string, RunSummary> runs = new(StringComparer.Ordinal);

    public IReadOnlyList<RunSummary> All => [.. runs.Values.OrderByDescending(run => run.UpdatedUnixNs).ThenBy(run => run.RunId, StringComparer.Ordinal)];

    public int Count => runs.Count;

    /// <summary>The newest of a project ("": of all).</summary>
    public IReadOnlyList<RunSummary> Newest(string project, int limit) =>
        [.. All.Where(run => project.Length == 0 || string.Equals(run.Project, project, StringComparison.Ordinal)).Take(limit)];

    public void Publish(RunSummary summary) => runs[summary.RunId] = summary;

    public void Remove(string runId) => runs.TryRemove(runId, out _);
}
