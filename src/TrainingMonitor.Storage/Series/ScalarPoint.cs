namespace TrainingMonitor.Storage.Series;

/// <summary>One user-named number.</summary>
/// <param name="Attempt">Attempt ordinal.</param>
/// <param name="Segment">Segment of the attempt.</param>
/// <param name="Step">Step.</param>
/// <param name="TimeUnixNs">Trainer's stamp, ns.</param>
/// <param name="Name">User's name.</param>
/// <param name="Value">Value; may be NaN or infinite, which is counted and not drawn.</param>
public sealed record ScalarPoint(int Attempt, int Segment, long Step, long TimeUnixNs, string Name, double Value);
