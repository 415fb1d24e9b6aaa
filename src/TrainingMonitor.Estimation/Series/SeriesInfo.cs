namespace TrainingMonitor.Estimation.Series;

/// <summary>Name, unit and meaning of a series.</summary>
/// <param name="Name">Stable snake_case name, the key in stores and queries.</param>
/// <param name="Unit">Unit for display: "nats", "examples", "s", "1" (dimensionless).</param>
/// <param name="Description">One line that says how to read it.</param>
public sealed record SeriesInfo(string Name, string Unit, string Description);
