using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>Makes the frames of one rank as a client would: same seed, same bytes.</summary>
internal sealed class Trainer(string runId, int rank = 0, int worldSize = 1, int seed = 1, int layers = 5)
{
    public const long Start = 1_700_000_000_000_000_000;
    private readonly Random random = new((seed * 1000) + rank);
    private readonly List<TrainerFrame> frames = [];
    private long clock = Start + rank;

    public string RunId { get; } = runId;

    public int Rank { get; } = rank;

    public string StartId { get; init; } = "start-1";

    public IReadOnlyList<TrainerFrame> Frames => frames;

    public Hello Hello(ulong oldest = 1) => new()
    {
        ProtocolVersion = 1,
        RunId = RunId,
        Project = "tests",
        RunName = "A run",
        ClientStartId = StartId,
        Rank = (uint)Rank,
        WorldSize = (uint)worldSize,
        OldestSequence = oldest,
        NewestSequence = (ulong)frames.Count,
        TimeUnixNs = Start,
        Description = new RunDescription
        {
            Optimizer = new OptimizerDescription { Kind = OptimizerKind.Adam, LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8 },
            DatasetSize = 1000,
            BatchSize = 50,
            Sampling = SamplingScheme.Shuffled,
            Tags = { ["b"] = "2", ["a"] = "1" },
        },
    };

    public Trainer Table(uint version = 1, int extraLayers = 0)
    {
        var table = new LayerTable { Version = version };
        for (var i = 0; i < layers + extraLayers; i++)
        {
            table.Layers.Add(new Layer { Name = $"layer.{i}", Kind = "Linear", Parameters = 10, Shape = { 2, 5 } });
        }

        table.Columns.Add(Declare(LayerStatistic.GradSq, RankCombination.Replicated));
        table.Columns.Add(Declare(LayerStatistic.WeightSq, RankCombination.Replicated));
        table.Columns.Add(Declare(LayerStatistic.ExampleGradSq, RankCombination.RankLocal));
        table.Columns.Add(Declare(LayerStatistic.Own, RankCombination.Sharded));
        tableLayers = layers + extraLayers;
        tableVersion = version;
        return Add(new TrainerFrame { LayerTable = table });
    }

    /// <summary>Steps from..to−1, in frames of a few reports.</summary>
    public Trainer Steps(long from, long to, int aFrame = 3, int parts = 1)
    {
        for (var step = from; step < to;)
        {
            var reports = new StepReports();
            for (var i = 0; i < aFrame && step < to; i++, step++)
            {
                reports.Reports.AddRange(Step(step, parts));
            }

            Add(new TrainerFrame { Steps = reports });
        }

        return this;
    }

    /// <summary>Every part in a frame of its own.</summary>
    public Trainer StepInFrames(long step, int parts)
    {
        foreach (var report in Step(step, parts))
        {
            Add(new TrainerFrame { Steps = new StepReports { Reports = { report } } });
        }

        return this;
    }

    public Trainer Probe(long step, double value) => Add(new TrainerFrame
    {
        Probe = new ProbeResult { Kind = ProbeKind.PreconditionedSharpness, Step = (ulong)step, TimeUnixNs = Tick(), Value = value, Converged = true },
    });

    public Trainer Scalar(long step, string name, double value) => Add(new TrainerFrame
    {
        Scalars = new LogScalars { Step = (ulong)step, TimeUnixNs = Tick(), Scalars = { new Scalar { Name = name, Value = value } } },
    });

    public Trainer Goodbye(Goodbye.Types.Reason reason = Protocol.V1.Goodbye.Types.Reason.Finished) => Add(new TrainerFrame
    {
        Goodbye = new Goodbye { Reason = reason, TimeUnixNs = Tick() },
    });

    public Trainer Add(TrainerFrame frame)
    {
        frame.Sequence = (ulong)frames.Count + 1;
        frames.Add(frame);
        return this;
    }

    private int tableLayers;
    private uint tableVersion;

    private List<StepReport> Step(long step, int parts)
    {
        var shared = new Random((seed * 7919) + (int)step);
        var made = new List<StepReport>();
        var stamp = Tick();
        for (var part = 0; part < parts; part++)
        {
            var first = tableLayers * part / parts;
            var count = (tableLayers * (part + 1) / parts) - first;
            var report = new StepReport
            {
                Step = (ulong)step,
                TimeUnixNs = stamp,
                LayerTableVersion = tableVersion,
                PartIndex = (uint)part,
                PartCount = (uint)parts,
                FirstLayer = (uint)first,
            };
            if (part == 0)
            {
                report.Values = new StepValues { Loss = 2 * Math.Exp(-step / 50.0) + (0.01 * random.NextDouble()), LearningRate = 1e-3, StepSeconds = 0.1 };
                report.BatchSize = (uint)(20 + (10 * Rank));
                report.UnitCount = report.BatchSize;
                report.Exact = true;
                AddClocks(report, step);
            }

            report.Columns.Add(Column32(LayerStatistic.GradSq, count, shared));
            report.Columns.Add(Column32(LayerStatistic.WeightSq, count, shared));
            report.Columns.Add(Column32(LayerStatistic.ExampleGradSq, count, random));
            report.Columns.Add(Column64(LayerStatistic.Own, count, random));
            made.Add(report);
        }

        return made;
    }

    private void AddClocks(StepReport report, long step)
    {
        if (step % 3 == 0)
        {
            report.Canaries = new CanarySums
            {
                Choices = 3, Canaries = 16, Pass = (ulong)(step / 6), RankCounts = ByteString.CopyFrom(2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), SumLoss = 3 * random.NextDouble(),
                SumAdvantage = random.NextDouble(), SumAdvantageSq = 1, SumPull = 2, Others = 17, OthersSumPull = 8, TrainCount = 60, TrainSumLoss = 60 * random.NextDouble(),
            };
        }

        if (step % 5 == 0)
        {
            report.Sentinels = new SentinelSums
            {
                FreshCount = 20, FreshSumLoss = 30 + random.NextDouble(), FreshSumLossSq = 60, SeenCount = 5, SeenSumLoss = 4, SeenSumLossSq = 4, UnseenEpochs = 1,
                PairedCount = step == 0 ? 0u : 20, SumRise = step == 0 ? 0 : 2 * random.NextDouble(), SumRiseSq = step == 0 ? 0 : 1,
            };
        }
    }

    private long Tick() => clock += 1_000_000;

    private static ColumnDeclaration Declare(LayerStatistic statistic, RankCombination combination) =>
        new() { Statistic = statistic, Combination = combination };

    private static Column Column32(LayerStatistic statistic, int count, Random random)
    {
        var bytes = new byte[4 * count];
        for (var i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(4 * i), 0.5f + random.NextSingle());
        }

        return new Column { Statistic = statistic, Float32 = ByteString.CopyFrom(bytes) };
    }

    private static Column Column64(LayerStatistic statistic, int count, Random random)
    {
        var bytes = new byte[8 * count];
        for (var i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(8 * i), random.NextDouble() - 0.25);
        }

        return new Column { Statistic = statistic, Float64 = ByteString.CopyFrom(bytes) };
    }
}
