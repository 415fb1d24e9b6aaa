using LayerStatistic = TrainingMonitor.Estimation.Input.LayerStatistic;

namespace TrainingMonitor.Runs.State;

/// <summary>A statistic that every rank should hold equally and does not; the layer where it is worst.</summary>
internal readonly record struct RankDisagreement(LayerStatistic Statistic, int Layer, double Smallest, double Largest);
