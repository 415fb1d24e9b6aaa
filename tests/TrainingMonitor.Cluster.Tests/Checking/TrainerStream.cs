using TrainingMonitor.Load.Testing.Histories;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>One connection of a trainer.</summary>
/// <param name="Of">Whose.</param>
/// <param name="Entries">What passed, in order.</param>
public sealed record TrainerStream(TrainerHistory Of, IReadOnlyList<HistoryEntry> Entries)
{
    /// <summary>The Hello; null: it came to none.</summary>
    public HistoryEntry? Hello => Entries.FirstOrDefault(entry => entry.Kind == HistoryKind.Hello);

    /// <summary>The Welcome; null: no server took it.</summary>
    public HistoryEntry? Welcome => Entries.FirstOrDefault(entry => entry.Kind == HistoryKind.Welcome);

    /// <summary>Where it went.</summary>
    public string Server => Entries.FirstOrDefault(entry => entry.Kind == HistoryKind.Connecting)?.Text ?? "";

    /// <summary>Attempt and rank that its frames belong to; null: nobody has said.</summary>
    public (int Attempt, int Rank)? Speaker => Hello is { } hello && Welcome is { } welcome ? (welcome.Attempt, (int)hello.Rank) : null;

    /// <summary>Name for people.</summary>
    public string Name => $"{Of.Name} stream {(Entries.Count > 0 ? Entries[0].Stream : 0)} to {Server}";
}
