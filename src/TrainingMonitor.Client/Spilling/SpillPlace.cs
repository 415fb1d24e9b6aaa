using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Spilling;

/// <summary>Where spills lie: ROOT/[hash of the run id]/[start of the process]-[client start id]-r[rank].</summary>
internal static class SpillPlace
{
    /// <summary>Folder of this process.</summary>
    public static string Own(string root, Hello hello) => Path.Combine(
        OfRun(root, hello.RunId),
        string.Create(CultureInfo.InvariantCulture, $"{hello.TimeUnixNs:D19}-{hello.ClientStartId[..Math.Min(12, hello.ClientStartId.Length)]}-r{hello.Rank}"));

    /// <summary>Folders that earlier processes of the run left for this rank, oldest first. Rank 0 also takes those of ranks that the run no longer has.</summary>
    public static IReadOnlyList<string> LeftBehind(string root, Hello hello)
    {
        var folder = OfRun(root, hello.RunId);
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var own = Own(root, hello);
        return [.. Directory.GetDirectories(folder).Where(f => f != own && IsMine(Path.GetFileName(f), hello)).Order(StringComparer.Ordinal)];
    }

    private static bool IsMine(string name, Hello hello) =>
        name.LastIndexOf("-r", StringComparison.Ordinal) is var at and > 0
        && uint.TryParse(name.AsSpan(at + 2), NumberStyles.None, CultureInfo.InvariantCulture, out var rank)
        && (rank == hello.Rank || (hello.Rank == 0 && rank >= Math.Max(hello.WorldSize, 1)));

    // A run id may be any Unicode; a file name may not.
    private static string OfRun(string root, string runId) =>
        Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(runId)).AsSpan(0, 12)));
}
