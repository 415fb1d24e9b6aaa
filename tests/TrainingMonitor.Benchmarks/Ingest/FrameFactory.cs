using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>Makes the frames of a synthetic run cheaply: everything but step, stamp and sequence is serialized once, so that the load generator
/// takes as little of the shared cores as it can.</summary>
internal sealed class FrameFactory
{
    private static readonly LayerStatistic[] Float32Statistics =
    [
        LayerStatistic.GradSq, LayerStatistic.ExampleGradSq, LayerStatistic.GradDotWeight, LayerStatistic.WeightSq, LayerStatistic.UpdateSq,
        LayerStatistic.MomentumSq, LayerStatistic.SecondMomentSum, LayerStatistic.RmsStaleness,
    ];

    private static readonly LayerStatistic[] Float64Statistics =
        [LayerStatistic.Own, LayerStatistic.Cross, LayerStatistic.SelfSecondMoment, LayerStatistic.SelfMeanSq];

    // The same in all runs: thousands of them share what is sent.
    private static readonly ConcurrentDictionary<int, byte[][]> Tails = new();

    private readonly byte[][] tails;
    private readonly ulong age;
    private readonly int stepsPerFrame;
    private ulong sequence = 1;
    private ulong step;
    private long stamp = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;

    /// <summary>Makes the frames of one run.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="stepsPerFrame">Steps in each frame.</param>
    /// <param name="age">Steps that are left out after the first frame: the windows of an old run are wide.</param>
    public FrameFactory(int layers, int stepsPerFrame, ulong age = 0)
    {
        (Layers, this.stepsPerFrame, this.age) = (layers, stepsPerFrame, age);
        tails = Tails.GetOrAdd(layers, static count =>
        {
            var random = new Random(1);
            return [.. Enumerable.Range(0, 64).Select(_ => Tail(count, random))];
        });
    }

    public int Layers { get; }

    public int StepsPerFrame => stepsPerFrame;

    public static Hello Hello(string runId) => new()
    {
        ProtocolVersion = 1,
        RunId = runId,
        Project = "bench",
        ClientStartId = Guid.NewGuid().ToString("N"),
        OldestSequence = 1,
        TimeUnixNs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000,
        Description = new RunDescription
        {
            Optimizer = new OptimizerDescription { Kind = OptimizerKind.Adam, LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8 },
            DatasetSize = 50_000,
            BatchSize = 256,
            Sampling = SamplingScheme.Shuffled,
        },
    };

    /// <summary>The layer table, sequence 1.</summary>
    public byte[] LayerTable()
    {
        var table = new LayerTable { Version = 1 };
        for (var i = 0; i < Layers; i++)
        {
            table.Layers.Add(new Layer { Name = $"blocks.{i}.linear", Kind = "Linear", Parameters = 65536 });
        }

        table.Columns.Add(Float32Statistics.Concat(Float64Statistics).Select(s => new ColumnDeclaration { Statistic = s, Combination = RankCombination.Replicated }));
        return new TrainerFrame { Sequence = sequence++, LayerTable = table }.ToByteArray();
    }

    /// <summary>The next frame of steps.</summary>
    public byte[] Next(out ulong sent)
    {
        sent = sequence++;
        var body = 0;
        for (var i = 0ul; i < (ulong)stepsPerFrame; i++)
        {
            var length = ReportLength(step + i, stamp + ((long)i * 1000));
            body += 1 + VarintLength((ulong)length) + length;
        }

        var bytes = new byte[1 + VarintLength(sent) + 1 + VarintLength((ulong)body) + body];
        var at = 0;
        Field(bytes, ref at, 0x08, sent); // TrainerFrame.sequence
        Field(bytes, ref at, 0x22, (ulong)body); // TrainerFrame.steps
        for (var i = 0; i < stepsPerFrame; i++)
        {
            var tail = tails[step % 64];
            Field(bytes, ref at, 0x0A, (ulong)ReportLength(step, stamp)); // StepReports.reports
            Field(bytes, ref at, 0x08, step); // StepReport.step
            Field(bytes, ref at, 0x10, (ulong)stamp); // StepReport.time_unix_ns
            tail.CopyTo(bytes.AsSpan(at));
            at += tail.Length;
            step++;
            stamp += 1000;
        }

        step += step == (ulong)stepsPerFrame ? age : 0;
        return bytes;
    }

    private int ReportLength(ulong step, long stamp) => 2 + VarintLength(step) + VarintLength((ulong)stamp) + tails[step % 64].Length;

    private static int VarintLength(ulong value) => CodedOutputStream.ComputeUInt64Size(value);

    private static void Field(byte[] target, ref int at, byte tag, ulong value)
    {
        target[at++] = tag;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
    }

    private static byte[] Tail(int layers, Random random)
    {
        var report = new StepReport
        {
            LayerTableVersion = 1,
            PartCount = 1,
            BatchSize = 256,
            UnitCount = 256,
            UnitSize = 1,
            Exact = true,
            Values = new StepValues { Loss = 1 + random.NextDouble(), LearningRate = 1e-3, StepSeconds = 0.1 },
        };
        foreach (var statistic in Float32Statistics)
        {
            var scale = statistic == LayerStatistic.ExampleGradSq ? 100f : 1f;
            var values = Enumerable.Range(0, layers).Select(_ => scale * (1 + random.NextSingle())).ToArray();
            report.Columns.Add(new Column { Statistic = statistic, Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) });
        }

        foreach (var statistic in Float64Statistics)
        {
            var values = Enumerable.Range(0, layers).Select(_ => 1e-3 * (1 + random.NextDouble())).ToArray();
            report.Columns.Add(new Column { Statistic = statistic, Float64 = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) });
        }

        return report.ToByteArray();
    }
}
