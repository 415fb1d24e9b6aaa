namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>Points of one series for the browser; arrays of equal length. Null is a value that is not there; a null X is a break between segments.</summary>
/// <param name="X">Position, in units of the axis.</param>
/// <param name="Low">Smallest of the bucket.</param>
/// <param name="Last">Last of the bucket.</param>
/// <param name="High">Largest of the bucket.</param>
public sealed record SeriesPoints(IReadOnlyList<double?> X, IReadOnlyList<double?> Low, IReadOnlyList<double?> Last, IReadOnlyList<double?> High);
