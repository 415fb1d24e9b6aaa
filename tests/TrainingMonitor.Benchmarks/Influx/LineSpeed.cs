using System.Diagnostics;
using System.Globalization;
using System.Text;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Benchmarks.Influx;

/// <summary>How fast writes become line protocol, on one thread, and what it allocates.</summary>
internal static class LineSpeed
{
    private const int Rounds = 7;

    public static string Run()
    {
        var random = new Random(1);
        var text = new StringBuilder("| what | fields/s | MB/s | bytes a field | allocated bytes a round |\n|---|---|---|---|---|\n");
        Measure(text, "run-level points, doubles", InfluxWrites.Points("run", 0, 20_000, random), 8);
        Measure(text, "layer windows, floats and counts", InfluxWrites.Windows("run", 0, 60, random), 2);
        return text.ToString();
    }

    private static void Measure(StringBuilder text, string what, RunWrites writes, int repeats)
    {
        var bytes = 0L;
        var lines = new SeriesLines((body, _) => bytes += body.Length);
        lines.Add(writes);
        lines.Flush();
        var rates = new List<double>();
        var (fields, size, allocated) = (0L, 0L, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            var (fieldsBefore, bytesBefore, allocatedBefore) = (lines.Fields, bytes, GC.GetAllocatedBytesForCurrentThread());
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < repeats; i++)
            {
                lines.Add(writes);
            }

            lines.Flush();
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            (fields, size, allocated) = (lines.Fields - fieldsBefore, bytes - bytesBefore, GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
            rates.Add(fields / seconds);
        }

        rates.Sort();
        var rate = rates[Rounds / 2];
        text.AppendLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {rate:N0} ({rates[0]:N0} to {rates[^1]:N0}) | {rate * size / fields / 1e6:N0} | {(double)size / fields:F1} | {allocated} of {fields:N0} fields |"));
    }
}
