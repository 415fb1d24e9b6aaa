using System.Security.Cryptography.X509Certificates;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>Mutual TLS between nodes.</summary>
/// <param name="Certificate">This node's certificate with its key, for server and client.</param>
/// <param name="Authority">The CA that signs the nodes' certificates; it should sign nothing else, as whoever holds one of its certificates is a node.</param>
public sealed record ClusterTls(X509Certificate2 Certificate, X509Certificate2 Authority);
