namespace TrainingMonitor.Load.Testing.Load;

/// <summary>One rank of a synthetic run.</summary>
/// <param name="Servers">gRPC addresses, at least one.</param>
/// <param name="RunId">Run.</param>
/// <param name="Story">What it does.</param>
/// <param name="Folder">Where its history, its checkpoint and what it could not send lie.</param>
public sealed record TrainerPlan(IReadOnlyList<Uri> Servers, string RunId, Story Story, string Folder)
{
    /// <summary>Project.</summary>
    public string Project { get; init; } = "faults";

    /// <summary>Rank.</summary>
    public int Rank { get; init; }

    /// <summary>Ranks of the run.</summary>
    public int WorldSize { get; init; } = 1;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Milliseconds from step to step.</summary>
    public double StepMilliseconds { get; init; } = 50;

    /// <summary>Steps between two checkpoints; 0: none, a restart begins at step 0.</summary>
    public int CheckpointInterval { get; init; } = 50;

    /// <summary>Seconds within which the next report is promised.</summary>
    public double PromiseSeconds { get; init; } = 600;

    /// <summary>Folder of frames that wait on disk.</summary>
    public string SpillFolder => Path.Combine(Folder, "spill");

    /// <summary>The step to begin at after a restart.</summary>
    public string CheckpointFile => Path.Combine(Folder, $"{RunId}-r{Rank}.checkpoint");

    /// <summary>History files of this rank: one for each process.</summary>
    public string HistoryPattern => $"{RunId}-r{Rank}-*.jsonl";
}
