using TrainingMonitor.Logs.Parsing;

namespace TrainingMonitor.Logs.Following;

/// <summary>The event files of one folder, in the order of their names, which begin with the time they were made: a job that restarts begins a new one.</summary>
internal sealed class EventFolder(string folder) : ILogSource
{
    private readonly SortedDictionary<string, FollowedFile> files = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public LogFormat? Format => LogFormat.TensorBoard;

    /// <inheritdoc/>
    public long Skipped => files.Values.Sum(file => file.Skipped);

    /// <inheritdoc/>
    public int Replaced => files.Values.Sum(file => file.Replaced);

    /// <inheritdoc/>
    public string? Broken => files.Values.Where(file => file.Parser.Broken is not null).Select(file => $"{file.Path}: {file.Parser.Broken}").FirstOrDefault();

    /// <summary>Whether a name is that of an event file with scalars.</summary>
    public static bool IsEventFile(string path) =>
        System.IO.Path.GetFileName(path) is var name && name.Contains("tfevents", StringComparison.Ordinal) && !name.EndsWith(".profile-empty", StringComparison.Ordinal);

    /// <inheritdoc/>
    public IEnumerable<LogEntry> Poll()
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder).Where(IsEventFile))
            {
                if (!files.ContainsKey(path))
                {
                    files.Add(path, new(path, RecordParser.TensorBoard));
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The folder is away for the moment; the files that are known are tried all the same.
        }

        return files.Values.SelectMany(file => file.Poll());
    }
}
