namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>What a receiver of alerts was told, once or more often.</summary>
/// <param name="Status">"firing" or "resolved".</param>
/// <param name="Rule">Rule.</param>
/// <param name="Layer">Layer; empty: the whole run.</param>
/// <param name="Step">Step of the transition.</param>
public sealed record Delivery(string Status, string Rule, string Layer, string Step);
