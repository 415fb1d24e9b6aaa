using System.Globalization;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>Which process of this machine holds the other end of a loopback connection: how a proxy between nodes knows who speaks.</summary>
internal static class SocketOwner
{
    /// <summary>Whether one of the processes has a TCP socket bound to this local port.</summary>
    /// <param name="localPort">Port of its end.</param>
    /// <param name="processes">Process ids.</param>
    public static int? Of(int localPort, IEnumerable<int> processes)
    {
        var suffix = string.Create(CultureInfo.InvariantCulture, $":{localPort:X4}");
        var inodes = new[] { "/proc/net/tcp", "/proc/net/tcp6" }.SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts.Length > 9 && parts[1].EndsWith(suffix, StringComparison.Ordinal))
            .Select(parts => $"socket:[{parts[9]}]")
            .ToHashSet(StringComparer.Ordinal);
        return processes.Cast<int?>().FirstOrDefault(process => Sockets(process!.Value).Any(inodes.Contains));
    }

    private static IEnumerable<string> Sockets(int process)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles($"/proc/{process}/fd");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            yield break; // it has ended
        }

        foreach (var file in files)
        {
            if (Target(file) is { } target)
            {
                yield return target;
            }
        }
    }

    private static string? Target(string file)
    {
        try
        {
            return new FileInfo(file).LinkTarget;
        }
        catch (IOException)
        {
            return null; // closed meanwhile
        }
    }
}
