using TrainingMonitor.Logs.Framing;
using TrainingMonitor.Logs.Parsing;

namespace TrainingMonitor.Logs.Following;

/// <summary>Finds the log that a path means: a file by its name and first bytes, in a folder the one written last.</summary>
public static class LogFinder
{
    private const int Depth = 5, MostFiles = 50_000, Head = 64 << 10;

    private static readonly string[] LineEndings = [".jsonl", ".ndjson", ".log", ".out", ".txt", ".err"];

    /// <summary>The log; null: there is none yet.</summary>
    /// <param name="path">A file or a folder, which need not exist.</param>
    /// <param name="forced">The format that a person gave; null: to be found out.</param>
    public static FoundLog? Find(string path, LogFormat? forced)
    {
        try
        {
            return File.Exists(path) ? OfFile(path, forced) : Directory.Exists(path) ? OfFolder(path, forced) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FoundLog? OfFile(string path, LogFormat? forced)
    {
        if (forced is { } given)
        {
            return new(path, given);
        }

        var name = Path.GetFileName(path);
        var head = ReadHead(path);
        return name switch
        {
            _ when EventFolder.IsEventFile(path) || TfRecordFraming.Begins(head) => new(path, LogFormat.TensorBoard),
            _ when name.EndsWith(".wandb", StringComparison.Ordinal) || WandbFraming.Begins(head) => new(path, LogFormat.Wandb),
            "trainer_state.json" => new(path, LogFormat.TrainerState),
            _ when head.Length == 0 => null,
            _ => new(path, head.AsSpan().IndexOf("\"log_history\""u8) >= 0 && head[0] == '{' ? LogFormat.TrainerState : LogFormat.Text),
        };
    }

    private static FoundLog? OfFolder(string folder, LogFormat? forced)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = Depth, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        var found = from path in Directory.EnumerateFiles(folder, "*", options).Take(MostFiles)
                    let log = Candidate(path)
                    where log is not null && (forced is null || log.Format == forced || (log.Format == LogFormat.Text && forced is not (LogFormat.TensorBoard or LogFormat.Wandb or LogFormat.TrainerState)))
                    // A live log before the history that checkpoints keep, and what a tool wrote for machines before text.
                    orderby Rank(log.Format), File.GetLastWriteTimeUtc(path) descending
                    select log with { Format = forced ?? log.Format };
        return found.FirstOrDefault();
    }

    private static FoundLog? Candidate(string path)
    {
        var name = Path.GetFileName(path);
        if (EventFolder.IsEventFile(path))
        {
            return new(Path.GetDirectoryName(path)!, LogFormat.TensorBoard);
        }

        if (name == "trainer_state.json")
        {
            var own = Path.GetDirectoryName(path)!;
            return new(Path.GetFileName(own).StartsWith("checkpoint-", StringComparison.Ordinal) ? Path.GetDirectoryName(own)! : own, LogFormat.TrainerState);
        }

        if (name.EndsWith(".wandb", StringComparison.Ordinal))
        {
            return new(path, LogFormat.Wandb);
        }

        return LineEndings.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase) && HoldsSteps(path) ? new(path, LogFormat.Text) : null;
    }

    private static int Rank(LogFormat format) => format switch
    {
        LogFormat.TensorBoard or LogFormat.Wandb => 0,
        LogFormat.TrainerState => 2,
        _ => 1,
    };

    private static bool HoldsSteps(string path)
    {
        var parser = new LineParser(LogFormat.Text);
        var entries = new List<LogEntry>();
        parser.Append(ReadHead(path), entries);
        return entries.Count > 0;
    }

    private static byte[] ReadHead(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var head = new byte[Math.Min(Head, file.Length)];
        return head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
    }
}
