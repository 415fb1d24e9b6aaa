using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>The newest attempt of a run: its ranks and the steps that wait for some of them.</summary>
internal sealed class RunAttempt(int ordinal, int worldSize)
{
    /// <summary>Open steps at most: beyond it the oldest is closed as if the clock had said so. Part of what a replay must repeat, so not an option.</summary>
    public const int MaxOpenSteps = 512;

    private readonly SortedDictionary<int, RankState> ranks = [];

    public int Ordinal { get; } = ordinal;

    public int WorldSize { get; } = worldSize;

    public OpenSteps Open { get; } = new();

    /// <summary>The newest step that was applied.</summary>
    public StepKey Closed { get; set; } = StepKey.None;

    public IReadOnlyCollection<RankState> Ranks => ranks.Values;

    public bool AllEnded => ranks.Count == WorldSize && ranks.Values.All(rank => rank.Ended != Goodbye.Types.Reason.Unspecified);

    public RankState? Rank(int rank) => ranks.GetValueOrDefault(rank);

    public RankState AddRank(int rank, string startId)
    {
        var state = new RankState(rank, startId);
        ranks.Add(rank, state);
        return state;
    }

    /// <summary>Whether the oldest open step waits for no rank any more.</summary>
    public bool FirstIsReady()
    {
        if (Open.Count == 0)
        {
            return false;
        }

        var first = Open.First;
        if (first.Reports.Count == WorldSize || Open.Count > MaxOpenSteps)
        {
            return true;
        }

        return ranks.Count == WorldSize && ranks.Values.All(rank => rank.IsPast(first.Key));
    }

    /// <summary>Nobody waits any longer for the ranks that have not reported the oldest open step.</summary>
    public void GiveUpOnMissing()
    {
        var key = Open.First.Key;
        for (var rank = 0; rank < WorldSize; rank++)
        {
            var state = Rank(rank) ?? AddRank(rank, "");
            if (state.Position < key)
            {
                state.Absent = true;
            }
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Write(Ordinal);
        writer.Write(WorldSize);
        writer.Write(Closed.Segment);
        writer.Write(Closed.Step);
        writer.Write(ranks.Count);
        foreach (var rank in ranks.Values)
        {
            rank.Save(writer);
        }

        Open.Save(writer);
    }

    public static RunAttempt Load(ref StateReader reader)
    {
        var attempt = new RunAttempt(reader.ReadInt32(), reader.ReadInt32())
        {
            Closed = new StepKey(reader.ReadInt32(), reader.ReadInt64()),
        };
        var count = StateMessages.Count(ref reader);
        for (var i = 0; i < count; i++)
        {
            var rank = RankState.Load(ref reader);
            if (!attempt.ranks.TryAdd(rank.Rank, rank))
            {
                throw new InvalidDataException($"State has rank {rank.Rank} twice.");
            }
        }

        attempt.Open.Load(ref reader);
        return attempt;
    }
}
