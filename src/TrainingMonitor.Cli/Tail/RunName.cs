using System.IO.Hashing;
using System.Text;

namespace TrainingMonitor.Cli.Tail;

/// <summary>The run id of a log that was given none: the same for the same place, so that a second <c>tail</c> goes on with the run.</summary>
internal static class RunName
{
    /// <summary>Name of the file or folder, and a hash of machine and path.</summary>
    public static string Of(string fullPath)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(fullPath));
        var plain = ScalarName.Of(new string([.. name.Select(c => char.IsWhiteSpace(c) || c == '/' ? '-' : c)]), 80);
        var hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{Environment.MachineName}:{fullPath}"));
        return $"{(plain.Length == 0 ? "log" : plain)}-{hash & 0xffffff:x6}";
    }
}
