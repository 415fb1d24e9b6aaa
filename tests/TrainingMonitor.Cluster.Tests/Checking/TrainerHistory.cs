using TrainingMonitor.Load.Testing.Histories;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>What one trainer process wrote down.</summary>
/// <param name="Name">Its file, for people.</param>
/// <param name="Rank">Its rank.</param>
/// <param name="Entries">Its lines, in order.</param>
public sealed record TrainerHistory(string Name, int Rank, IReadOnlyList<HistoryEntry> Entries)
{
    /// <summary>It ran, and all it had said was safe, when it was read.</summary>
    public bool IsSettled => Entries.Count > 0 && Entries[^1].Kind == HistoryKind.Settled;

    /// <summary>Its streams: what was said on each, and for which rank and process.</summary>
    public IEnumerable<TrainerStream> Streams => Entries.Where(entry => entry.Stream > 0).GroupBy(entry => entry.Stream).Select(entries => new TrainerStream(this, [.. entries]));
}
