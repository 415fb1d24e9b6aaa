namespace TrainingMonitor.Cli.Doctor;

/// <summary>One thing looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Verdict">"ok", "warning" or "failure".</param>
/// <param name="Found">What was found.</param>
/// <param name="Advice">What to do; null where all is well.</param>
public sealed record DoctorCheck(string Name, string Verdict, string Found, string? Advice)
{
    /// <summary>All is well.</summary>
    public static DoctorCheck Ok(string name, string found) => new(name, "ok", found, null);

    /// <summary>Works, but a person should know.</summary>
    public static DoctorCheck Warning(string name, string found, string advice) => new(name, "warning", found, advice);

    /// <summary>Does not work.</summary>
    public static DoctorCheck Failure(string name, string found, string advice) => new(name, "failure", found, advice);
}
