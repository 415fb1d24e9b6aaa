using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

/// <summary>Opens logs in a folder and reads them back with copies of the bodies.</summary>
internal static class LogFolder
{
    public static FrameLog Open(string folder, Func<FrameLogOptions, FrameLogOptions>? with = null)
    {
        var options = new FrameLogOptions { Folder = folder, GroupInterval = TimeSpan.Zero, RetryInterval = TimeSpan.FromMilliseconds(20) };
        return FrameLog.Open(with?.Invoke(options) ?? options, NullLogger<FrameLog>.Instance, TimeProvider.System);
    }

    public static List<(long Position, string RunId, byte[] Body)> ReadAll(this IFrameLog log, long from = 1, string? runId = null) =>
        [.. log.Read(from, runId).Select(record => (record.Position, record.RunId, record.Body.ToArray()))];

    /// <summary>A body that says what it is, of a size that varies.</summary>
    public static byte[] Body(long seed, int size = 0)
    {
        var body = new byte[size > 0 ? size : 8 + (int)(seed * 37 % 300)];
        new Random((int)seed).NextBytes(body);
        return body;
    }

    /// <summary>Appends bodies 1..count, each in a group of its own, and closes.</summary>
    public static async Task FillAsync(string folder, int count, Func<FrameLogOptions, FrameLogOptions>? with = null, Func<long, string>? runId = null)
    {
        await using var log = Open(folder, with);
        var observer = new DurableObserver();
        for (var i = 1; i <= count; i++)
        {
            var position = log.LastPosition + 1;
            log.Append(FrameRecordKind.Frame, runId?.Invoke(position) ?? "run", 1, 0, Body(position), observer).ShouldBe(position);
            await observer.ReachesAsync(position);
        }
    }

    public static string[] Segments(string folder) => [.. Directory.GetFiles(folder, "*.log").Order(StringComparer.Ordinal)];

    public static void Flip(string path, long offset, byte mask = 0x10)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        var value = (byte)file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ mask));
    }
}
