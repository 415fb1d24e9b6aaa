using System.Runtime.InteropServices;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp.Tests.Support;

internal static class ReportReader
{
    public static double[]? Column(this StepReport report, LayerStatistic statistic)
    {
        var column = report.Columns.SingleOrDefault(c => c.Statistic == statistic);
        return column?.ValuesCase switch
        {
            Protocol.V1.Column.ValuesOneofCase.Float32 => [.. MemoryMarshal.Cast<byte, float>(column.Float32.Span).ToArray().Select(v => (double)v)],
            Protocol.V1.Column.ValuesOneofCase.Float64 => MemoryMarshal.Cast<byte, double>(column.Float64.Span).ToArray(),
            _ => null,
        };
    }
}
