using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Tests.Validation;

/// <summary>Frames with one fault each.</summary>
internal static class SpoiltFrames
{
    public static TrainerFrame Make(string what) => what switch
    {
        "no body" => new TrainerFrame { Sequence = 1 },
        "table of a hello" => With(Frames.Hello(), f => f.Hello.LayerTable = new LayerTable()),
        "hello sequence" => With(Frames.Hello(), f => f.Sequence = 1),
        "zero sequence" => Frames.Probe(0),
        "huge sequence" => Frames.Probe((1UL << 53) + 1),
        "probe kind" => With(Frames.Probe(1), f => f.Probe.Kind = ProbeKind.Unspecified),
        "probe seconds" => With(Frames.Probe(1), f => f.Probe.Seconds = double.NaN),
        "scalar name" => With(Frames.Scalars(1), f => f.Scalars.Scalars[1].Name = ""),
        "goodbye message" => With(Frames.Goodbye(1), f => f.Goodbye.Message = new string('x', 1025)),
        _ => Hello(what) ?? Table(what) ?? Steps(what) ?? throw new ArgumentOutOfRangeException(nameof(what), what, "unknown"),
    };

    public static TrainerFrame Exceed(string what) => what switch
    {
        "layers" => Frames.Table(1, 1, 100_000),
        "layers of a hello" => With(Frames.Hello(), f => f.Hello.LayerTable = Frames.Table(1, 1, 100_000).LayerTable),
        "shape" => With(Frames.Table(1, 1, 1), f => f.LayerTable.Layers[0].Shape.AddRange(Enumerable.Repeat(1UL, 40))),
        "declarations" => With(Frames.Table(1, 1, 1), f => f.LayerTable.Columns.AddRange(Enumerable.Repeat(Frames.Declare((LayerStatistic)90), 65))),
        "reports" => Frames.Steps(1, [.. Enumerable.Repeat(Frames.Report(0, 1), 4097)]),
        "parts" => Report(r => r.PartCount = 5000),
        "columns" => Report(r => r.Columns.AddRange(Enumerable.Range(30, 64).Select(i => Frames.Float32((LayerStatistic)i, 3)))),
        "first layer" => Report(r => r.FirstLayer = 19_999),
        "scalars" => With(Frames.Scalars(1), f => f.Scalars.Scalars.AddRange(Enumerable.Repeat(new Scalar { Name = "a" }, 256))),
        "tags" => With(Frames.Hello(), f => Enumerable.Range(0, 300).ToList().ForEach(i => f.Hello.Description.Tags[$"t{i}"] = "")),
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, "unknown"),
    };

    private static TrainerFrame? Hello(string what)
    {
        Action<Hello>? spoil = what switch
        {
            "empty run id" => h => h.RunId = "",
            "slash in run id" => h => h.RunId = "a/b",
            "dots as run id" => h => h.RunId = "..",
            "long run id" => h => h.RunId = new string('é', 64) + "x",
            "control in project" => h => h.Project = "p\a",
            "lone surrogate" => h => h.RunName = "x\uD83D",
            "no start id" => h => h.ClientStartId = "",
            "rank" => h => (h.Rank, h.WorldSize) = (2, 2),
            "oldest" => h => h.OldestSequence = 9,
            "hello time" => h => h.TimeUnixNs = long.MaxValue,
            "negative learning rate" => h => h.Description.Optimizer.LearningRate = -1,
            "NaN beta" => h => h.Description.Optimizer.Beta2 = double.NaN,
            "absurd dataset" => h => h.Description.DatasetSize = ulong.MaxValue,
            "infinite promise" => h => h.Description.ReportPromiseSeconds = double.PositiveInfinity,
            "tag with newline" => h => h.Description.Tags["seed"] = "1\n2",
            _ => null,
        };
        return spoil is null ? null : With(Frames.Hello(), f => spoil(f.Hello));
    }

    private static TrainerFrame? Table(string what)
    {
        Action<LayerTable>? spoil = what switch
        {
            "table version" => t => t.Version = 0,
            "twin layers" => t => t.Layers[2].Name = t.Layers[0].Name,
            "layer name" => t => t.Layers[1].Name = new string('n', 257),
            "combination" => t => t.Columns[1].Combination = RankCombination.Unspecified,
            "twin declaration" => t => t.Columns[2].Statistic = t.Columns[0].Statistic,
            _ => null,
        };
        return spoil is null ? null : With(Frames.Table(1, 1, 3), f => spoil(f.LayerTable));
    }

    private static TrainerFrame? Steps(string what) => what switch
    {
        "no reports" => Frames.Steps(1),
        "absurd step" => Frames.Steps(1, Frames.Report(0, 3), With(Frames.Report(1, 3), r => r.Step = ulong.MaxValue)),
        "short column" => Frames.Steps(1, Frames.Report(0, 100), With(Frames.Report(1, 100), r => r.Columns[2] = Frames.Float32(LayerStatistic.Nonfinite, 99))),
        "ragged column" => Report(r => r.Columns[0].Float32 = ByteString.CopyFrom(new byte[399])),
        "stamp" => Report(r => r.TimeUnixNs = 0),
        "part index" => Report(r => r.PartIndex = 1),
        "values in part 1" => Report(r => (r.PartIndex, r.PartCount) = (1, 2)),
        "no table version" => Report(r => r.LayerTableVersion = 0),
        "empty column" => Report(r => r.Columns[1].ClearValues()),
        "twin column" => Report(r => r.Columns[1].Statistic = LayerStatistic.GradSq),
        "negative count" => Report(r => r.Columns[2].Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([0, 0, 0, 0, 0, 0, 0, -1])), 8),
        "no units" => Report(r => r.Columns.Add(Frames.Float32(LayerStatistic.ExampleGradSq, 3))),
        "negative tokens" => Report(r => r.Values.Tokens = -5),
        "NaN samples" => Report(r => r.Values.Samples = double.NaN),
        "accuracy" => Report(r => r.Values.Accuracy = 97.5),
        "lag" => Report(r => r.Lag.SumZ = -1),
        _ => Clocks(what),
    };

    private static TrainerFrame? Clocks(string what) => what switch
    {
        "one choice" => Report(r => r.Canaries = With(Frames.Canaries(), c => c.Choices = 1)),
        "bins" => Report(r => r.Canaries = With(Frames.Canaries(), c => c.Choices = 4)),
        "too many canaries" => Report(r => r.Canaries = With(Frames.Canaries(), c => c.Canaries = 3)),
        "absurd pass" => Report(r => r.Canaries = With(Frames.Canaries(), c => c.Pass = ulong.MaxValue)),
        "negative square" => Report(r => r.Canaries = With(Frames.Canaries(), c => c.SumAdvantageSq = -1)),
        "absurd train count" => Report(r => r.Canaries = With(Frames.Canaries(), c => c.TrainCount = ulong.MaxValue)),
        "negative pull" => Report(r => r.Canaries = With(Frames.Canaries(), c => c.OthersSumPull = -1)),
        "too many pairs" => Report(r => r.Sentinels = With(Frames.Sentinels(), s => s.PairedCount = 51)),
        "absurd reference" => Report(r => r.Sentinels = With(Frames.Sentinels(), s => s.ReferenceStep = ulong.MaxValue)),
        "negative rise square" => Report(r => r.Sentinels = With(Frames.Sentinels(), s => s.SumRiseSq = -0.5)),
        "canaries in part 1" => Report(r => (r.PartIndex, r.PartCount, r.Values, r.Lag, r.BatchSize, r.Canaries) = (1, 2, null, null, 0, Frames.Canaries())),
        _ => null,
    };

    private static TrainerFrame Report(Action<StepReport> spoil, int layers = 3) => Frames.Steps(1, With(Frames.Report(0, layers), spoil));

    private static T With<T>(T message, Action<T> spoil)
    {
        spoil(message);
        return message;
    }
}
