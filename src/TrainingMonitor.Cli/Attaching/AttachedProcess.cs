using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using TrainingMonitor.Attach.Targets;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>A process that is watched by an agent.</summary>
/// <param name="ProcessId">The training process.</param>
/// <param name="StartTime">Its start, clock ticks since boot.</param>
/// <param name="AgentId">Process id of the agent.</param>
/// <param name="AgentStartTime">The agent's start.</param>
/// <param name="RunId">The run.</param>
public sealed record AttachedProcess(int ProcessId, long StartTime, int AgentId, long AgentStartTime, string RunId)
{
    /// <summary>Both still run, and are the ones that were meant.</summary>
    public bool IsAlive => ProcFiles.StartOf(ProcessId) == StartTime && ProcFiles.StartOf(AgentId) == AgentStartTime;

    /// <summary>What is known of a process; null: nothing.</summary>
    public static AttachedProcess? Find(string dataFolder, int processId)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(FileOf(dataFolder, processId)), CliJson.Default.AttachedProcess) is { IsAlive: true } alive ? alive : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>All that are watched now.</summary>
    public static IReadOnlyList<AttachedProcess> All(string dataFolder)
    {
        var folder = Path.Combine(dataFolder, "attached");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.json").Select(file => int.TryParse(Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Find(dataFolder, id) : null).OfType<AttachedProcess>().OrderBy(one => one.ProcessId)]
            : [];
    }

    /// <summary>Writes it down.</summary>
    [SupportedOSPlatform("linux")]
    public void Keep(string dataFolder)
    {
        Directory.CreateDirectory(dataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); // the server's rule
        var file = FileOf(dataFolder, ProcessId);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this, CliJson.Default.AttachedProcess));
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Forgets it.</summary>
    public void Forget(string dataFolder) => File.Delete(FileOf(dataFolder, ProcessId));

    private static string FileOf(string dataFolder, int processId) => Path.Combine(dataFolder, "attached", string.Create(CultureInfo.InvariantCulture, $"{processId}.json"));
}
