namespace TrainingMonitor.Cli.Demo;

/// <summary>Sharpness against the optimizer's threshold.</summary>
/// <param name="Last">Newest sharpness.</param>
/// <param name="Threshold">Threshold at the end; 2/η for gradient descent.</param>
/// <param name="LastRatio">Newest sharpness over its threshold.</param>
/// <param name="MedianRatio">Median over the last quarter of the points.</param>
public sealed record SharpnessSummary(double Last, double Threshold, double LastRatio, double MedianRatio);
