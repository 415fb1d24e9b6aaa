using System.Diagnostics;
using System.Globalization;

namespace TrainingMonitor.Cluster.Tests.Faults;

/// <summary>Which faults come, in which order. TRAINMON_FAULTS names them ("kill,freeze", "kill:20" for one that comes 20 times, or "all"); TRAINMON_SOAK_MINUTES has them drawn by chance for so long instead; TRAINMON_FAULT_SEED
/// (default 1) decides what is left to chance.</summary>
internal sealed record FaultPlan(IReadOnlyList<Fault> Faults, TimeSpan Soak, int Seed)
{
    /// <summary>What is short enough for every run of the tests: an owner dies, an owner wakes up as one that is none, the truth itself is away.</summary>
    private const string Short = "kill,freeze,postgres-restart";

    public static FaultPlan FromEnvironment()
    {
        var names = Text("TRAINMON_FAULTS") is { Length: > 0 } given ? given : Short;
        var soak = TimeSpan.FromMinutes(double.Parse(Text("TRAINMON_SOAK_MINUTES") is { Length: > 0 } minutes ? minutes : "0", CultureInfo.InvariantCulture));
        IReadOnlyList<Fault> faults = names == "all" || soak > TimeSpan.Zero ? FaultCatalog.All : [.. names.Split(',').SelectMany(Named)];
        return new FaultPlan(faults, soak, int.Parse(Text("TRAINMON_FAULT_SEED") is { Length: > 0 } seed ? seed : "1", CultureInfo.InvariantCulture));
    }

    /// <summary>The faults in turn.</summary>
    public IEnumerable<Fault> Rounds(Random chance)
    {
        if (Soak == TimeSpan.Zero)
        {
            return Faults;
        }

        return Drawn(chance);
    }

    private IEnumerable<Fault> Drawn(Random chance)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Soak;)
        {
            yield return Faults[chance.Next(Faults.Count)];
        }
    }

    private static IEnumerable<Fault> Named(string name) => name.Split(':') is [var one, var times]
        ? Enumerable.Repeat(FaultCatalog.Named(one), int.Parse(times, CultureInfo.InvariantCulture))
        : [FaultCatalog.Named(name)];

    private static string? Text(string name) => Environment.GetEnvironmentVariable(name);
}
