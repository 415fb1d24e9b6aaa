namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>What a proxy does with what passes.</summary>
internal enum ProxyMode
{
    /// <summary>It passes.</summary>
    Pass,

    /// <summary>Nothing passes and nothing ends, as on a network that swallows packets. What waits passes when the proxy passes again.</summary>
    Stall,

    /// <summary>New connections are ended at once, with a reset.</summary>
    Refuse,
}
