using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Load.Testing.Load;

/// <summary>The reports of synthetic runs: what a step says depends on run, rank, step and story alone, so that a run restarted from a checkpoint says the same again.</summary>
public static class StepStream
{
    /// <summary>Steps of one pass over the data.</summary>
    public const int StepsAPass = 5;

    /// <summary>First pass in which a memorizing run knows its labels.</summary>
    public const int KnownFromPass = 5;

    /// <summary>A memorizing run has a step whose loss is no number each time so many have passed.</summary>
    public const int BrokenInterval = 170;

    /// <summary>What the runs say of themselves.</summary>
    public static RunDescription Description(double promiseSeconds) => new()
    {
        Optimizer = new OptimizerDescription { Kind = OptimizerKind.Adam, LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8 },
        DatasetSize = 500,
        BatchSize = 50,
        Sampling = SamplingScheme.Shuffled,
        ReportPromiseSeconds = promiseSeconds,
    };

    /// <summary>Layers of the runs.</summary>
    public static LayerTable Table(int layers)
    {
        var table = new LayerTable { Version = 1 };
        table.Layers.Add(Enumerable.Range(0, layers).Select(i => new Layer { Name = string.Create(CultureInfo.InvariantCulture, $"block.{i}.weight"), Kind = "Linear", Parameters = 1000 }));
        table.Columns.Add(new[] { LayerStatistic.GradSq, LayerStatistic.ExampleGradSq, LayerStatistic.WeightSq, LayerStatistic.UpdateSq }
            .Select(statistic => new ColumnDeclaration { Statistic = statistic, Combination = RankCombination.Replicated }));
        return table;
    }

    /// <summary>The report of a step.</summary>
    public static StepReport Report(string runId, int rank, int step, int layers, Story story)
    {
        // What the ranks must agree on comes from the run's numbers, what is a rank's own from its own.
        var (shared, own) = (new Random(Seed(runId, -1, step)), new Random(Seed(runId, rank, step)));
        var progress = Math.Exp(-step / 2000.0);
        var report = new StepReport
        {
            Step = (ulong)step,
            LayerTableVersion = 1,
            BatchSize = 50,
            UnitCount = 50,
            UnitSize = 1,
            Exact = true,
            EpochSeam = step % StepsAPass == 0,
            Values = new StepValues
            {
                Loss = story == Story.Memorizing && step % BrokenInterval == BrokenInterval - 1 ? double.NaN : 2.3 * progress * (0.95 + (0.1 * own.NextDouble())),
                LearningRate = 1e-3,
                Epoch = step / (double)StepsAPass,
                Samples = step * 50.0,
            },
        };
        Add(report, LayerStatistic.GradSq, layers, i => (float)(progress * (1 + i) * (0.9 + (0.2 * shared.NextDouble()))));
        Add(report, LayerStatistic.ExampleGradSq, layers, i => (float)(20 * progress * (1 + i) * (0.9 + (0.2 * shared.NextDouble()))));
        Add(report, LayerStatistic.WeightSq, layers, i => 10f + i + (step / 5000f));
        Add(report, LayerStatistic.UpdateSq, layers, _ => (float)(1e-4 * progress * (0.9 + (0.2 * shared.NextDouble()))));
        if (story == Story.Memorizing)
        {
            AddCanaries(report, step);
        }

        return report;
    }

    // Before its labels are known every rank of them is as likely as the next; afterwards the true one comes first.
    private static void AddCanaries(StepReport report, int step)
    {
        var pass = step / StepsAPass;
        var known = pass >= KnownFromPass;
        var counts = known ? [3u, 0u, 0u] : new[] { 1u, 1u, 1u };
        report.Canaries = new CanarySums
        {
            Choices = 3, Canaries = 32, Pass = (ulong)pass, RankCounts = ByteString.CopyFrom(MemoryMarshal.AsBytes(counts.AsSpan())), SumLoss = 3, SumAdvantage = known ? 3 : 0, SumAdvantageSq = 3,
            SumPull = 2, Others = 47, OthersSumPull = 20, TrainCount = 50, TrainSumLoss = 50,
        };
    }

    private static void Add(StepReport report, LayerStatistic statistic, int layers, Func<int, float> value)
    {
        var values = Enumerable.Range(0, layers).Select(value).ToArray();
        report.Columns.Add(new Column { Statistic = statistic, Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) });
    }

    // FNV-1a; string.GetHashCode differs from process to process.
    private static int Seed(string runId, int rank, int step)
    {
        var hash = 2166136261u;
        foreach (var part in Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{runId}/{rank}/{step}")))
        {
            hash = (hash ^ part) * 16777619;
        }

        return (int)hash;
    }
}
