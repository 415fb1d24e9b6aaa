namespace TrainingMonitor.Attach.Targets;

/// <summary>A process as the kernel shows it at one moment.</summary>
/// <param name="Id">Process id in this namespace.</param>
/// <param name="InnerId">Process id as the process itself sees it.</param>
/// <param name="State">One letter of /proc: R, S, D, T, t, Z, X.</param>
/// <param name="TracerId">Process that traces it; 0: none.</param>
/// <param name="User">Effective user id.</param>
/// <param name="Group">Effective group id.</param>
/// <param name="Threads">Number of its threads.</param>
/// <param name="StartTime">Start, clock ticks since boot: with the id it names one process for good.</param>
/// <param name="Executable">Path of its program, in its own root.</param>
/// <param name="Command">Its command line.</param>
/// <param name="OtherRoot">Its files are not this process's files (a container, a chroot).</param>
/// <param name="Libraries">Paths of mapped files.</param>
/// <param name="Environment">Variables at its start; empty where they cannot be read.</param>
public sealed record TargetProcess(
    int Id,
    int InnerId,
    char State,
    int TracerId,
    uint User,
    uint Group,
    int Threads,
    long StartTime,
    string Executable,
    IReadOnlyList<string> Command,
    bool OtherRoot,
    IReadOnlyList<string> Libraries,
    IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Where this process finds the target's files.</summary>
    public string Root => OtherRoot ? $"/proc/{Id}/root" : "";

    /// <summary>Ranks of its distributed job, 1 where there is none.</summary>
    public int WorldSize => Environment.TryGetValue("WORLD_SIZE", out var text) && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var size) ? Math.Max(size, 1) : 1;

    /// <summary>Whether a file whose name begins so is mapped.</summary>
    public bool Maps(string prefix) => Libraries.Any(path => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal));
}
