using Akka.Cluster.Sharding;
using TrainingMonitor.Runs.Clustering.Messages;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>Which run a message is for, and which shard that run belongs to. The number of shards is fixed for the life of a cluster.</summary>
internal sealed class RunExtractor() : HashCodeMessageExtractor(Shards)
{
    /// <summary>Runs are few and heavy: many small shards spread better.</summary>
    public const int Shards = 128;

    public override string? EntityId(object message) => (message as IToRun)?.RunId;
}
