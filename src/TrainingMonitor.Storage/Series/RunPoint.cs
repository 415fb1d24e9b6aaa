using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series;

/// <summary>All run-level series of one step. Values are indexed by <see cref="RunSeries"/>; NaN is absent.</summary>
/// <param name="Attempt">Attempt ordinal.</param>
/// <param name="Segment">Segment of the attempt.</param>
/// <param name="Step">Step.</param>
/// <param name="TimeUnixNs">Trainer's stamp, ns.</param>
/// <param name="Values">Values; owned by the point.</param>
/// <param name="NonFinite">Bit i set: the trainer sent value i as NaN or infinity (so it is absent in Values but must be counted).</param>
public sealed record RunPoint(int Attempt, int Segment, long Step, long TimeUnixNs, double[] Values, ulong NonFinite);
