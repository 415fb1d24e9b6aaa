namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Steps of a segment, both ends included.</summary>
internal readonly record struct StepRange(int Attempt, int Segment, long From, long To);
