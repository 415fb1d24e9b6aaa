using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>A frame that waits for the step before it.</summary>
internal readonly record struct RankFrame(int Rank, int Segment, TrainerFrame Frame);
