namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>One series of one layer in one window.</summary>
internal readonly record struct LayerWindow(int Count, int NonFinite, float Min, float Max, float Mean, float Last);
