namespace TrainingMonitor.Storage.Shared;

/// <summary>A node as the shared store knows it.</summary>
/// <param name="Address">Remoting address, "host:port".</param>
/// <param name="Start">Made at each start of the process: tells a restarted node from the one before.</param>
/// <param name="Ingest">gRPC address that trainers reach, "http://host:4650"; empty: not said.</param>
/// <param name="Joined">It is a member of the cluster; false: it would like to be.</param>
public sealed record MemberEntry(string Address, Guid Start, string Ingest, bool Joined);
