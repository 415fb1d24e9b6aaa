using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Clustering.Messages;

/// <summary>A report of the run is overdue, and perhaps nobody has the run: whoever gets this reads it back and says that it is stalled.</summary>
internal sealed record WakeRun(string RunId) : IToRun;

/// <summary>Asks a node for its live runs: the newest of a project ("": of all).</summary>
internal sealed record AskSummaries(string Project, int Limit);

/// <summary>A node's live runs, newest activity first.</summary>
internal sealed record Summaries(IReadOnlyList<RunSummary> Runs);

/// <summary>An alert's transition, to the readers of all nodes.</summary>
internal sealed record AlertNews(Alert Alert);
