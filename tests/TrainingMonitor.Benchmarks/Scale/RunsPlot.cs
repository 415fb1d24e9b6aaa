using System.Globalization;
using TrainingMonitor.Evaluation.Reports;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>Draws the table of <see cref="RunsScale"/> as docs/scale.md has it: cost of a step and memory against the number of runs.</summary>
internal static class RunsPlot
{
    private const int RunsColumn = 1;
    private const int CostColumn = 4;
    private const int MemoryColumn = 7;

    /// <summary>Reads the rows "| runs | age | ..." of a file and writes scale-cost.svg and scale-memory.svg.</summary>
    public static void Draw(string table, string folder)
    {
        var rows = File.ReadLines(table).Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2])).Select(line => line.Split('|')).ToList();
        new Plot("Processor time of the server for a step of 20 layers, 10,000 steps/s in all", "concurrent runs", "µs", logarithmicX: true)
            .Line("server", Points(rows, CostColumn))
            .Points("measured", Points(rows, CostColumn))
            .FromZero()
            .Save(Path.Combine(folder, "scale-cost.svg"));
        new Plot("Resident memory of the server", "concurrent runs", "GiB", logarithmicX: true)
            .Line("server", Points(rows, MemoryColumn))
            .Points("measured", Points(rows, MemoryColumn))
            .Level("target", 2)
            .FromZero()
            .Save(Path.Combine(folder, "scale-memory.svg"));
    }

    private static List<(double X, double Y)> Points(List<string[]> rows, int column) => [.. rows.Select(row => (Number(row[RunsColumn]), Number(row[column])))];

    private static double Number(string cell) => double.Parse(cell.Trim().Split(' ')[0], NumberStyles.Number, CultureInfo.InvariantCulture);
}
