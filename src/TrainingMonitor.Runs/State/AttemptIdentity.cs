namespace TrainingMonitor.Runs.State;

/// <summary>What a client calls its attempt ("restart:2", "start:9f3c"), and the ordinal it has.</summary>
internal readonly record struct AttemptIdentity(string Key, int Ordinal);
