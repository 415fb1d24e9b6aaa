using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Buffering;

/// <summary>Splits a large report by ranges of layers into parts of at most a given size.</summary>
internal static class ReportSplitter
{
    /// <summary>The report itself where it fits, else its parts in order.</summary>
    public static IEnumerable<StepReport> Split(StepReport report, int maxBytes)
    {
        var bytesPerLayer = report.Columns.Sum(c => c.ValuesCase == Column.ValuesOneofCase.Float32 ? sizeof(float) : sizeof(double));
        var layers = report.Columns.Count == 0 ? 0 : Layers(report.Columns[0]);
        var perPart = Math.Max(1, maxBytes / Math.Max(bytesPerLayer, 1));
        if (layers <= perPart || report.PartCount > 1 || report.Columns.Any(c => Layers(c) != layers))
        {
            return [report];
        }

        var parts = (layers + perPart - 1) / perPart;
        return Enumerable.Range(0, parts).Select(i => Part(report, i, parts, i * perPart, Math.Min(perPart, layers - (i * perPart))));
    }

    private static StepReport Part(StepReport report, int index, int count, int first, int layers)
    {
        var part = new StepReport
        {
            Step = report.Step,
            TimeUnixNs = report.TimeUnixNs,
            LayerTableVersion = report.LayerTableVersion,
            PartIndex = (uint)index,
            PartCount = (uint)count,
            FirstLayer = (uint)first,
        };
        part.Columns.AddRange(report.Columns.Select(c => Slice(c, first, layers)));
        if (index == 0)
        {
            part.Values = report.Values;
            part.Lag = report.Lag;
            part.Canaries = report.Canaries;
            part.Sentinels = report.Sentinels;
            part.BatchSize = report.BatchSize;
            part.UnitCount = report.UnitCount;
            part.UnitSize = report.UnitSize;
            part.EpochSeam = report.EpochSeam;
            part.Skipped = report.Skipped;
            part.PairInvalid = report.PairInvalid;
            part.Exact = report.Exact;
        }

        return part;
    }

    private static Column Slice(Column column, int first, int layers) => column.ValuesCase == Column.ValuesOneofCase.Float32
        ? new() { Statistic = column.Statistic, Float32 = Slice(column.Float32, first * sizeof(float), layers * sizeof(float)) }
        : new() { Statistic = column.Statistic, Float64 = Slice(column.Float64, first * sizeof(double), layers * sizeof(double)) };

    // The report is the client's from the moment it is handed over, so that its bytes can be shared.
    private static ByteString Slice(ByteString bytes, int start, int length) => UnsafeByteOperations.UnsafeWrap(bytes.Memory.Slice(start, length));

    private static int Layers(Column column) => column.ValuesCase == Column.ValuesOneofCase.Float32
        ? column.Float32.Length / sizeof(float)
        : column.Float64.Length / sizeof(double);
}
