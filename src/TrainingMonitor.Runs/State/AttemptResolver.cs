using Grpc.Core;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>Maps what clients say of themselves to attempts: docs/design/040.</summary>
internal sealed class AttemptResolver
{
    private readonly List<AttemptIdentity> identities = [];

    /// <summary>Decides. Changes nothing: the decision is logged, and applied as an input.</summary>
    public OpenDecision Decide(Hello hello, RunAttempt? current)
    {
        var worldSize = Math.Max(1, (int)hello.WorldSize);
        var rank = (int)hello.Rank;
        if (current is not null && Process(hello) is { } process
            && identities.FindLast(identity => identity.Key == process) is { Key: not null } past && past.Ordinal < current.Ordinal)
        {
            // Two live processes with one restart count: the one that came first is over, else each would take the run from the other for ever.
            return Over(hello, past.Ordinal, current);
        }

        var known = identities.FindLastIndex(identity => identity.Key == Key(hello));
        if (known >= 0 && current?.Rank(rank) is { } state && identities[known].Ordinal == current.Ordinal && IsOtherProcess(hello, state))
        {
            known = -1;
        }

        int ordinal;
        if (known >= 0)
        {
            ordinal = identities[known].Ordinal;
            if (current is null || ordinal < current.Ordinal)
            {
                return Over(hello, ordinal, current);
            }
        }
        else if (current is not null && JoinsCurrent(hello, current, worldSize))
        {
            ordinal = current.Ordinal;
        }
        else
        {
            ordinal = Math.Max((current?.Ordinal ?? -1) + 1, hello.HasRestartCount ? (int)Math.Min(hello.RestartCount, int.MaxValue) : 0);
        }

        return ordinal == current?.Ordinal ? Join(hello, current, worldSize) : Log(hello, ordinal, 0);
    }

    public void Add(Hello hello, int ordinal)
    {
        Add(new AttemptIdentity(Key(hello), ordinal));
        if (Process(hello) is { } process)
        {
            Add(new AttemptIdentity(process, ordinal));
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Write(identities.Count);
        foreach (var identity in identities)
        {
            writer.Write(identity.Key);
            writer.Write(identity.Ordinal);
        }
    }

    public void Load(ref StateReader reader)
    {
        var count = StateMessages.Count(ref reader);
        for (var i = 0; i < count; i++)
        {
            identities.Add(new AttemptIdentity(reader.ReadString(), reader.ReadInt32()));
        }
    }

    private void Add(AttemptIdentity identity)
    {
        if (!identities.Contains(identity))
        {
            identities.Add(identity);
        }
    }

    private static OpenDecision Over(Hello hello, int ordinal, RunAttempt? current) => new(ordinal, 0, null, new Status(
        StatusCode.FailedPrecondition, $"Attempt {ordinal} of run {hello.RunId} is over: attempt {current?.Ordinal} has begun."));

    private static OpenDecision Join(Hello hello, RunAttempt current, int worldSize)
    {
        if (worldSize != current.WorldSize)
        {
            return new OpenDecision(current.Ordinal, 0, null, new Status(
                StatusCode.FailedPrecondition,
                $"hello.world_size: {worldSize}, but attempt {current.Ordinal} of run {hello.RunId} has {current.WorldSize} ranks."));
        }

        if (current.Rank((int)hello.Rank) is not { } rank || rank.IsPlaceholder)
        {
            return Log(hello, current.Ordinal, 0);
        }

        return hello.OldestSequence > rank.Received + 1
            ? Log(hello, current.Ordinal, rank.Received)
            : new OpenDecision(current.Ordinal, rank.Received, null, null);
    }

    private static OpenDecision Log(Hello hello, int ordinal, ulong received)
    {
        var resumeAfter = hello.OldestSequence > received + 1 ? hello.OldestSequence - 1 : received;
        var opened = new Opened { Hello = hello, Attempt = (uint)ordinal, ResumeAfter = resumeAfter };
        return new OpenDecision(ordinal, resumeAfter, opened, null);
    }

    // The same restart count from another process: the job was submitted anew.
    private static bool IsOtherProcess(Hello hello, RankState state) =>
        hello.HasRestartCount
        && (hello.ClientStartId.Length > 0 && state.StartId.Length > 0
            ? hello.ClientStartId != state.StartId
            : hello.NewestSequence < state.Received);

    // Ranks without a restart count each bring an id of their own: an id not seen before belongs to the attempt that still lacks its rank.
    private static bool JoinsCurrent(Hello hello, RunAttempt current, int worldSize) =>
        !hello.HasRestartCount && worldSize == current.WorldSize && worldSize > 1 && !current.AllEnded
        && (current.Rank((int)hello.Rank)?.IsPlaceholder ?? true);

    // Tells processes with the same restart count apart. Without a restart count the start id is the key already.
    private static string? Process(Hello hello) =>
        hello.HasRestartCount && hello.ClientStartId.Length > 0 ? $"process:{hello.RestartCount}:{hello.ClientStartId}" : null;

    private static string Key(Hello hello) => hello.HasRestartCount ? $"restart:{hello.RestartCount}" : $"start:{hello.ClientStartId}";
}
