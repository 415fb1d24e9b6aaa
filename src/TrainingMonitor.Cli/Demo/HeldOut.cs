namespace TrainingMonitor.Cli.Demo;

/// <summary>Held-out loss over the run: what no detector has seen.</summary>
/// <param name="LowestStep">Step of the lowest loss.</param>
/// <param name="LowestEpoch">The same in epochs; null where the epoch's length is unknown.</param>
/// <param name="LowestLoss">Lowest loss.</param>
/// <param name="LastLoss">Loss at the end.</param>
/// <param name="RiseAfterLowest">Highest loss after the lowest, relative to it, minus 1.</param>
/// <param name="LastAccuracy">Accuracy at the end; null where not logged.</param>
/// <param name="DelayEpochs">Epochs from the lowest loss to the memorization alert; null where there was none.</param>
public sealed record HeldOut(ulong LowestStep, double? LowestEpoch, double LowestLoss, double LastLoss, double RiseAfterLowest, double? LastAccuracy, double? DelayEpochs);
