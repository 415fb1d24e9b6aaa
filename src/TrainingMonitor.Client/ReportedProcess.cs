namespace TrainingMonitor.Client;

/// <summary>A training process that another process sends for.</summary>
/// <param name="ClientStartId">Random id made at its start; the server makes an attempt of it.</param>
/// <param name="Client">Name and version of the client code in it, "trainmon-python/0.1.0".</param>
/// <param name="Host">Host name, for display.</param>
/// <param name="ProcessId">The operating system's process id, for display.</param>
public sealed record ReportedProcess(string ClientStartId, string Client, string Host, int ProcessId);
