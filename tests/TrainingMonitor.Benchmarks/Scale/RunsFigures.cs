using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>One measurement of <see cref="RunsScale"/>.</summary>
/// <param name="Runs">Concurrent runs.</param>
/// <param name="Age">Steps they were old.</param>
/// <param name="Load">What the load generator saw.</param>
/// <param name="Processor">The server's processor time meanwhile, seconds.</param>
/// <param name="Generator">The load generator's.</param>
/// <param name="Resident">Its resident memory at the end, GiB.</param>
/// <param name="MostResident">The most it was, GiB.</param>
/// <param name="AliveRun">Managed memory for each run, KiB.</param>
/// <param name="Collector">The server's garbage collector meanwhile.</param>
internal sealed record RunsFigures(int Runs, int Age, LoadReport Load, double Processor, double Generator, double Resident, double MostResident, double AliveRun, CollectorFigures Collector)
{
    /// <summary>Processor time of the server for a step, µs.</summary>
    public double Cost => Processor / Load.Steps * 1e6;

    /// <summary>Share of one core.</summary>
    public double Cores => Processor / Load.Seconds;

    /// <summary>A row of the table.</summary>
    public string Row() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Runs:N0} | {Age:N0} | {Load.Steps / Load.Seconds:N0} | {Cost:F1} | {Cores:F2} | {Generator / Load.Steps * 1e6:F1} | {Resident:F2} ({MostResident:F2}) | {AliveRun:F1} | {Load.MedianMilliseconds:F0}, {Load.HighMilliseconds:F0} | {Load.Late:N0} | {Collector.Allocated / Load.Steps / 1024:F1} | {Collector.Young:N0}, {Collector.Middle:N0}, {Collector.Full:N0} | {Collector.Paused / Load.Seconds:P1} |");
}
