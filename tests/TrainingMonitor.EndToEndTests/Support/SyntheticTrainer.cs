using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.EndToEndTests.Support;

/// <summary>A trainer without a network: reports of a run that learns, memorizes, rewinds once and has broken values, made from a seed.</summary>
internal sealed class SyntheticTrainer(ClientOptions options, int seed, int layers = 6) : IDisposable
{
    private readonly Random random = new(seed);
    private readonly long started = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;

    public TrainingMonitorClient Client { get; } = TrainingMonitorClient.Start(options);

    public static RunDescription Description => new()
    {
        Optimizer = new OptimizerDescription { Kind = OptimizerKind.Adam, LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8 },
        DatasetSize = 1000,
        BatchSize = 50,
        Sampling = SamplingScheme.Shuffled,
    };

    /// <summary>Time between two steps by the trainer's own stamps; zero: the clock's. A run of hours then takes seconds.</summary>
    public TimeSpan StampInterval { get; init; }

    /// <summary>Reports sent so far.</summary>
    public int Sent { get; private set; }

    public void Declare()
    {
        var table = new LayerTable { Version = 1 };
        for (var i = 0; i < layers; i++)
        {
            table.Layers.Add(new Layer { Name = $"layer {i} «π»", Kind = "Linear", Parameters = 1000 });
        }

        table.Columns.Add(new[]
        {
            LayerStatistic.GradSq, LayerStatistic.ExampleGradSq, LayerStatistic.WeightSq, LayerStatistic.UpdateSq,
            LayerStatistic.Own, LayerStatistic.Cross, LayerStatistic.SelfSecondMoment, LayerStatistic.SelfMeanSq,
        }.Select(s => new ColumnDeclaration { Statistic = s, Combination = RankCombination.Replicated }));
        Client.SetLayers(table);
    }

    /// <summary>Reports a range of steps; <paramref name="pause"/> is called between them.</summary>
    public async Task RunAsync(int from, int to, Func<int, Task> pause)
    {
        for (var step = from; step < to; step++)
        {
            var report = Report(step);
            report.TimeUnixNs = StampInterval == TimeSpan.Zero ? 0 : started + (Sent * StampInterval.Ticks * 100);
            Client.Report(report);
            Sent++;
            if (step % 40 == 7)
            {
                Client.Log(step, new Dictionary<string, double>(StringComparer.Ordinal) { ["reward"] = random.NextDouble(), ["odd"] = step % 80 == 7 ? double.NaN : 1 });
            }

            if (step % 100 == 50)
            {
                Client.Report(new ProbeResult { Kind = ProbeKind.PreconditionedSharpness, Step = (ulong)step, Value = 30_000 + step, Converged = true, Evaluations = 20, Seconds = 0.1 });
            }

            await pause(step);
        }
    }

    public void Dispose() => Client.Dispose();

    private StepReport Report(int step)
    {
        var progress = Math.Exp(-step / 400.0);
        var report = new StepReport
        {
            Step = (ulong)step,
            LayerTableVersion = 1,
            BatchSize = 50,
            UnitCount = 50,
            UnitSize = 1,
            Exact = true,
            EpochSeam = step % 20 == 0,
            Values = new StepValues
            {
                Loss = step % 517 == 300 ? double.NaN : 2.3 * progress * (0.9 + (0.2 * random.NextDouble())),
                LearningRate = 1e-3,
                Epoch = step / 20.0,
                Samples = step * 50.0,
            },
            Lag = new LagSums { Count = 50, SumCross = -0.01 * random.NextDouble(), SumZ = 2 * random.NextDouble(), SumCrossZ = 0.001, SumZSq = 1 + random.NextDouble(), SumCrossSq = 0.02 },
        };
        AddClocks(report, step);
        Add(report, LayerStatistic.GradSq, i => (float)(progress * (1 + i) * (0.5 + random.NextDouble())));
        Add(report, LayerStatistic.ExampleGradSq, i => step % 333 == 111 && i == 2 ? float.PositiveInfinity : (float)(20 * progress * (1 + i) * (0.5 + random.NextDouble())));
        Add(report, LayerStatistic.WeightSq, i => 10f + i + (step / 500f));
        Add(report, LayerStatistic.UpdateSq, _ => (float)(1e-4 * progress * random.NextDouble()));
        Add(report, LayerStatistic.Own, _ => 1e-3 * progress * (0.5 + random.NextDouble()));
        Add(report, LayerStatistic.Cross, _ => 1e-3 * progress * (random.NextDouble() - 0.6));
        Add(report, LayerStatistic.SelfSecondMoment, _ => 2e-3 * progress * (0.5 + random.NextDouble()));
        Add(report, LayerStatistic.SelfMeanSq, _ => 1e-4 * progress * (0.5 + random.NextDouble()));
        return report;
    }

    private void AddClocks(StepReport report, int step)
    {
        if (step % 3 == 0)
        {
            report.Canaries = new CanarySums
            {
                Choices = 3, Canaries = 16, Pass = (ulong)(step / 20), RankCounts = ByteString.CopyFrom((byte)random.Next(3), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0), SumLoss = 3 * random.NextDouble(),
                SumAdvantage = random.NextDouble(), SumAdvantageSq = 1, SumPull = 2, Others = 47, OthersSumPull = 20, TrainCount = 60, TrainSumLoss = 60 * random.NextDouble(),
            };
        }

        if (step % 20 == 0)
        {
            report.Sentinels = new SentinelSums
            {
                FreshCount = 50, FreshSumLoss = 50 + (step / 40.0) + random.NextDouble(), FreshSumLossSq = 200, PairedCount = step == 0 ? 0u : 50,
                SumRise = step == 0 ? 0 : (step / 40.0) - 5 + random.NextDouble(), SumRiseSq = step == 0 ? 0 : 200,
            };
        }
    }

    private void Add(StepReport report, LayerStatistic statistic, Func<int, float> value)
    {
        var values = Enumerable.Range(0, layers).Select(value).ToArray();
        report.Columns.Add(new Column { Statistic = statistic, Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) });
    }

    private void Add(StepReport report, LayerStatistic statistic, Func<int, double> value)
    {
        var values = Enumerable.Range(0, layers).Select(value).ToArray();
        report.Columns.Add(new Column { Statistic = statistic, Float64 = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) });
    }
}
