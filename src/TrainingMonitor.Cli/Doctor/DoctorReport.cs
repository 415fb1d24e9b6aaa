namespace TrainingMonitor.Cli.Doctor;

/// <summary>All checks.</summary>
/// <param name="Healthy">No check failed.</param>
/// <param name="Checks">In the order they were made.</param>
public sealed record DoctorReport(bool Healthy, IReadOnlyList<DoctorCheck> Checks);
