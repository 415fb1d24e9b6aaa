using System.Globalization;
using System.Text;

namespace TrainingMonitor.Attach.Targets;

/// <summary>Reads a process from /proc.</summary>
public static class ProcFiles
{
    /// <summary>The process; null: there is none with that id.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public static TargetProcess? Read(int id)
    {
        var folder = $"/proc/{id.ToString(CultureInfo.InvariantCulture)}";
        try
        {
            var status = File.ReadLines($"{folder}/status").Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
                .ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.Ordinal);
            return new(
                id,
                Number(status.GetValueOrDefault("NSpid", "").Split('\t')[^1], id),
                status.GetValueOrDefault("State", "?")[0],
                Number(status.GetValueOrDefault("TracerPid", "0"), 0),
                Effective(status, "Uid"),
                Effective(status, "Gid"),
                Number(status.GetValueOrDefault("Threads", "1"), 1),
                StartTime(folder),
                Inside(Link($"{folder}/exe"), Link($"{folder}/root")),
                Strings($"{folder}/cmdline"),
                HasOtherRoot(folder),
                Mapped(folder),
                Variables(folder));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException || (error is IOException && !Directory.Exists(folder)))
        {
            return null;
        }
    }

    /// <summary>Start of a process in clock ticks since boot; null: it is gone. Zombies are gone.</summary>
    public static long? StartOf(int id)
    {
        try
        {
            var folder = $"/proc/{id.ToString(CultureInfo.InvariantCulture)}";
            return Fields(folder)[0] is "Z" or "X" ? null : StartTime(folder);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // After the name, which is in parentheses and may hold anything.
    private static string[] Fields(string folder) => File.ReadAllText($"{folder}/stat") is var text ? text[(text.LastIndexOf(')') + 2)..].Split(' ') : [];

    private static long StartTime(string folder) => long.Parse(Fields(folder)[19], CultureInfo.InvariantCulture);

    private static int Number(string text, int otherwise) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    // "real effective saved filesystem".
    private static uint Effective(Dictionary<string, string> status, string name) =>
        uint.Parse(status[name].Split('\t', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static string Link(string path) => new FileInfo(path).LinkTarget is { } target ? target.Replace(" (deleted)", "", StringComparison.Ordinal) : throw Denied(path);

    private static UnauthorizedAccessException Denied(string path) => new($"{path} cannot be read: the process belongs to another user, or is protected.");

    // The kernel tells the path of a chroot's file from here.
    private static string Inside(string path, string root) => root != "/" && path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..] : path;

    private static bool HasOtherRoot(string folder) => Link($"{folder}/root") != "/" || Link($"{folder}/ns/mnt") != Link("/proc/self/ns/mnt");

    private static string[] Mapped(string folder) => File.ReadLines($"{folder}/maps").Select(line => line.IndexOf('/') is >= 0 and var at ? line[at..] : "")
        .Where(path => path.Length > 0).Distinct(StringComparer.Ordinal).ToArray();

    private static string[] Strings(string path) => Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, string> Variables(string folder)
    {
        try
        {
            return Strings($"{folder}/environ").Select(text => text.Split('=', 2)).Where(pair => pair.Length == 2)
                .GroupBy(pair => pair[0], pair => pair[1], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
