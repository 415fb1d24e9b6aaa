using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Clustering.Messages;

/// <summary>What a reader wants of a run that has an actor. None is started for it.</summary>
internal sealed record AskDetail(string RunId) : IToRun;

/// <summary>The details; null: the run has no actor, and the store knows.</summary>
internal sealed record DetailAnswer(RunDetail? Detail);

/// <summary>A reader watches from now on; the sender is told <see cref="RunNews"/>.</summary>
internal sealed record WatchRun(string RunId) : IToRun;

/// <summary>Something is new; said once until the reader asks for it.</summary>
internal sealed record RunNews
{
    public static readonly RunNews Instance = new();
}

/// <summary>The reader asks for the run as it is.</summary>
internal sealed record PullRun
{
    public static readonly PullRun Instance = new();
}

/// <summary>The run as it is.</summary>
internal sealed record RunUpdated(RunUpdate Update);

/// <summary>The reader has gone.</summary>
internal sealed record Unwatch
{
    public static readonly Unwatch Instance = new();
}

/// <summary>No more will come: the run has ended, or has no actor.</summary>
internal sealed record WatchEnded
{
    public static readonly WatchEnded Instance = new();
}

/// <summary>Something for the trainers of a run.</summary>
internal sealed record AdviseRun(string RunId, Advice Advice) : IToRun;

/// <summary>Whether a trainer was there to be told.</summary>
internal sealed record Advised(bool Any);
