using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>All parts of one step of one rank.</summary>
internal readonly record struct RankReport(int Rank, IReadOnlyList<StepReport> Parts);
