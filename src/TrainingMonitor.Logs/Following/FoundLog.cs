using TrainingMonitor.Logs.Parsing;

namespace TrainingMonitor.Logs.Following;

/// <summary>Where a log is and how it is read.</summary>
/// <param name="Path">A file; for event files and checkpoints their folder.</param>
/// <param name="Format">How.</param>
public sealed record FoundLog(string Path, LogFormat Format)
{
    /// <summary>Begins to follow it, from its start.</summary>
    public ILogSource Open() => Format switch
    {
        LogFormat.TensorBoard when Directory.Exists(Path) => new EventFolder(Path),
        LogFormat.TensorBoard => new FileSource(Path, RecordParser.TensorBoard),
        LogFormat.Wandb => new FileSource(Path, RecordParser.Wandb),
        LogFormat.TrainerState => new CheckpointSource(Path),
        _ => new FileSource(Path, () => new LineParser(Format)),
    };
}
