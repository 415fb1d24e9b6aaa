using System.Globalization;
using TrainingMonitor.Logs.Parsing;

namespace TrainingMonitor.Logs.Following;

/// <summary>The newest <c>trainer_state.json</c> of a Hugging Face output folder (its own, or that of the highest <c>checkpoint-N</c>), or one such file.</summary>
internal sealed class CheckpointSource(string path) : ILogSource
{
    private const string Name = "trainer_state.json";
    private readonly CheckpointState state = new();
    private (string Path, DateTime Written, long Length) read;

    /// <inheritdoc/>
    public LogFormat? Format => LogFormat.TrainerState;

    /// <inheritdoc/>
    public long Skipped => 0;

    /// <inheritdoc/>
    public int Replaced => 0;

    /// <inheritdoc/>
    public string? Broken => null;

    /// <summary>The file of a folder that was written last; null: none.</summary>
    public static string? Newest(string folder)
    {
        try
        {
            var found = Directory.EnumerateDirectories(folder, "checkpoint-*")
                .Select(directory => (Path: Path.Combine(directory, Name), Number: Number(directory)))
                .Append((Path: Path.Combine(folder, Name), Number: long.MaxValue))
                .Where(file => File.Exists(file.Path));
            return found.OrderByDescending(file => File.GetLastWriteTimeUtc(file.Path)).ThenByDescending(file => file.Number).Select(file => file.Path).FirstOrDefault();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<LogEntry> Poll()
    {
        var entries = new List<LogEntry>();
        var file = Directory.Exists(path) ? Newest(path) : path;
        try
        {
            var info = file is null ? null : new FileInfo(file);
            if (info is { Exists: true } && (info.FullName, info.LastWriteTimeUtc, info.Length) is var now && now != read && state.Read(File.ReadAllText(info.FullName), entries))
            {
                read = now;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Old checkpoints are deleted while new ones are written: the next look finds the newest.
        }

        return entries;
    }

    private static long Number(string directory) =>
        long.TryParse(Path.GetFileName(directory).AsSpan("checkpoint-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
}
