using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Tests;

/// <summary>Good frames, to be spoilt by tests.</summary>
internal static class Frames
{
    public const long Time = 1_760_000_000_000_000_000;

    public static TrainerFrame Hello() => new()
    {
        Hello = new Hello
        {
            ProtocolVersion = 1,
            RunId = "run-1",
            Project = "digits",
            RunName = "Ziffern ✓ 数字",
            ClientStartId = "3f2a",
            Rank = 0,
            WorldSize = 1,
            OldestSequence = 1,
            NewestSequence = 0,
            Client = "trainmon-dotnet/0.1.0",
            Host = "box",
            ProcessId = 17,
            TimeUnixNs = Time,
            Description = Description(),
        },
    };

    public static RunDescription Description() => new()
    {
        DatasetSize = 1000,
        BatchSize = 64,
        Sampling = SamplingScheme.Shuffled,
        Optimizer = new() { Kind = OptimizerKind.Adam, LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8 },
        Schedule = new() { PairInterval = 4, Budget = 0.01 },
        Tags = { ["seed"] = "1" },
    };

    public static TrainerFrame Table(ulong sequence, uint version, int layers) => new()
    {
        Sequence = sequence,
        LayerTable = new LayerTable
        {
            Version = version,
            Layers = { Enumerable.Range(0, layers).Select(i => new Layer { Name = $"net.{i}.weight", Kind = "Linear", Parameters = 100, Shape = { 10, 10 } }) },
            Columns =
            {
                Declare(LayerStatistic.GradSq),
                Declare(LayerStatistic.Own),
                Declare(LayerStatistic.Nonfinite),
            },
        },
    };

    public static ColumnDeclaration Declare(LayerStatistic statistic) => new() { Statistic = statistic, Combination = RankCombination.Replicated };

    public static TrainerFrame Steps(ulong sequence, params StepReport[] reports) => new() { Sequence = sequence, Steps = new() { Reports = { reports } } };

    public static StepReport Report(ulong step, int layers, uint version = 1) => new()
    {
        Step = step,
        TimeUnixNs = Time + ((long)step * 1_000_000),
        LayerTableVersion = version,
        Columns = { Float32(LayerStatistic.GradSq, layers), Float64(LayerStatistic.Own, layers), Float32(LayerStatistic.Nonfinite, layers) },
        Values = new() { Loss = 2.3, LearningRate = 1e-3, StepSeconds = 0.01 },
        Lag = new() { Count = 64, SumCross = 0.1 },
        BatchSize = 64,
    };

    public static CanarySums Canaries() => new()
    {
        Choices = 10,
        Canaries = 16,
        Pass = 3,
        RankCounts = ByteString.CopyFrom(new uint[] { 3, 0, 0, 1, 0, 0, 0, 0, 0, 0 }.SelectMany(BitConverter.GetBytes).ToArray()),
        SumLoss = 9.5,
        SumAdvantage = 1.5,
        SumAdvantageSq = 2.5,
        SumPull = 3.5,
        Others = 46,
        OthersSumPull = 12,
        TrainCount = 100,
        TrainSumLoss = 90,
    };

    public static SentinelSums Sentinels() => new()
    {
        FreshCount = 50,
        FreshSumLoss = 75,
        FreshSumLossSq = 130,
        SeenCount = 10,
        SeenSumLoss = 9,
        SeenSumLossSq = 12,
        UnseenEpochs = 4,
        ReferenceStep = 5,
        PairedCount = 40,
        SumRise = 8,
        SumRiseSq = 12,
    };

    public static StepReport Part(ulong step, uint index, uint count, int first, int layers)
    {
        var part = Report(step, layers);
        (part.PartIndex, part.PartCount, part.FirstLayer) = (index, count, (uint)first);
        if (index > 0)
        {
            (part.Values, part.Lag, part.BatchSize) = (null, null, 0);
        }

        return part;
    }

    public static Column Float32(LayerStatistic statistic, int layers) => new() { Statistic = statistic, Float32 = ByteString.CopyFrom(new byte[4 * layers]) };

    public static Column Float64(LayerStatistic statistic, int layers) => new() { Statistic = statistic, Float64 = ByteString.CopyFrom(new byte[8 * layers]) };

    public static TrainerFrame Probe(ulong sequence) => new()
    {
        Sequence = sequence,
        Probe = new() { Kind = ProbeKind.Sharpness, Step = 3, TimeUnixNs = Time, Value = 12, StandardError = 0.1, Evaluations = 20, Converged = true, Seconds = 0.2, Examples = 64 },
    };

    public static TrainerFrame Scalars(ulong sequence) => new()
    {
        Sequence = sequence,
        Scalars = new() { Step = 3, TimeUnixNs = Time, Scalars = { new Scalar { Name = "bleu", Value = 3.5 }, new Scalar { Name = "nan", Value = double.NaN } } },
    };

    public static TrainerFrame Goodbye(ulong sequence) => new()
    {
        Sequence = sequence,
        Goodbye = new() { Reason = V1.Goodbye.Types.Reason.Finished, TimeUnixNs = Time, Message = "done" },
    };
}
