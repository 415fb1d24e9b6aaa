namespace TrainingMonitor.Runs.Clustering.Messages;

/// <summary>To a run, wherever its actor is. The shard region reads the id.</summary>
internal interface IToRun
{
    string RunId { get; }
}
