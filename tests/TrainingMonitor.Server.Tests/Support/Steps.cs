using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>Frames of a small model: two layers, one statistic.</summary>
internal static class Steps
{
    private const long Start = 1_700_000_000_000_000_000;

    public static TrainerFrame Table(ulong sequence) => new()
    {
        Sequence = sequence,
        LayerTable = new LayerTable
        {
            Version = 1,
            Layers = { new Layer { Name = "a", Kind = "Linear", Parameters = 10 }, new Layer { Name = "b", Kind = "Linear", Parameters = 20 } },
            Columns = { new ColumnDeclaration { Statistic = LayerStatistic.GradSq, Combination = RankCombination.Replicated } },
        },
    };

    public static TrainerFrame Report(ulong sequence, ulong step, double loss) => new()
    {
        Sequence = sequence,
        Steps = new StepReports
        {
            Reports =
            {
                new StepReport
                {
                    Step = step,
                    TimeUnixNs = Start + (long)step * 1_000_000,
                    LayerTableVersion = 1,
                    BatchSize = 8,
                    Values = new StepValues { Loss = loss, LearningRate = 0.1 },
                    Columns = { new Column { Statistic = LayerStatistic.GradSq, Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([1f, 2f])) } },
                },
            },
        },
    };

    public static TrainerFrame Goodbye(ulong sequence) => new()
    {
        Sequence = sequence,
        Goodbye = new Goodbye { Reason = Protocol.V1.Goodbye.Types.Reason.Finished, TimeUnixNs = Start + 1_000_000_000 },
    };
}
