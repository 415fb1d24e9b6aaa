using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>What the kernel says of a process.</summary>
internal static class ProcessFigures
{
    private const double TicksPerSecond = 100;

    /// <summary>Processor time of a process, seconds.</summary>
    public static double Processor(int id)
    {
        var fields = Stat(id);
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>Processor time of all processes of this machine with a name, those that have ended within them included, seconds.</summary>
    public static double Processor(string name)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Descends(id, name))
            {
                var fields = Stat(id);
                ticks += Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
            }
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>Resident memory, bytes.</summary>
    public static long Resident(int id) => Memory(id, "VmRSS:");

    /// <summary>The most it has been.</summary>
    public static long MostResident(int id) => Memory(id, "VmHWM:");

    private static long Memory(int id, string line) =>
        Number(File.ReadLines($"/proc/{id}/status").First(text => text.StartsWith(line, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) << 10;

    // Other work on the machine may have servers of the same name.
    private static bool Descends(int id, string name)
    {
        try
        {
            if (File.ReadAllText($"/proc/{id}/comm").Trim() != name)
            {
                return false;
            }

            for (var parent = id; parent > 1; parent = (int)Number(Stat(parent)[1]))
            {
                if (parent == Environment.ProcessId)
                {
                    return true;
                }
            }
        }
        catch (IOException)
        {
            // It has ended meanwhile; its parent has its time.
        }

        return false;
    }

    private static string[] Stat(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
