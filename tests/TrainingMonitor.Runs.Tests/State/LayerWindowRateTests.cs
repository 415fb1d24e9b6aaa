using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Tests.Kit;
using TrainingMonitor.Storage.Influx.Series;

namespace TrainingMonitor.Runs.Tests.State;

/// <summary>What the layers of a large run come to in InfluxDB, second by second.</summary>
public sealed class LayerWindowRateTests(ITestOutputHelper output)
{
    private const int Layers = 500;
    private const int StepsASecond = 20;
    private static readonly LayerStatistic[] Statistics = [.. Enum.GetValues<LayerStatistic>().Where(statistic => statistic != LayerStatistic.Unspecified)];

    // An ordinary node takes half a million fields a second and more (docs/benchmarks/influx.md); what one run writes must leave room for others at any time, and be next to nothing in the long run.
    [Fact]
    public void A_500_layer_run_at_20_steps_a_second_fits_an_ordinary_node()
    {
        var machine = new RunStateMachine("large");
        var taken = new RunOutput();
        machine.Apply(new Input { Opened = new Opened { Hello = new Trainer("large").Hello() } }, taken);
        var sequence = 1ul;
        machine.Apply(0, 0, new TrainerFrame { Sequence = sequence++, LayerTable = Table() }, taken);
        var bytes = 0L;
        var lines = new SeriesLines((body, _) => bytes += body.Length);
        var seconds = new List<(long Fields, long Bytes)>();
        var random = new Random(1);
        for (var second = 0; second < 300; second++)
        {
            var reports = new StepReports();
            reports.Reports.AddRange(Enumerable.Range(second * StepsASecond, StepsASecond).Select(step => Report(step, random)));
            machine.Apply(0, 0, new TrainerFrame { Sequence = sequence++, Steps = reports }, taken);
            var (fields, before) = (lines.Fields, bytes);
            lines.Add(taken.Take("large", second + 1, "", null));
            lines.Flush();
            seconds.Add((lines.Fields - fields, bytes - before));
        }

        output.WriteLine($"most fields a second {seconds.Max(s => s.Fields):N0}, {seconds.Max(s => s.Bytes) / 1e6:F1} MB; in the fifth minute {seconds[240..].Average(s => s.Fields):N0}, {seconds[240..].Average(s => s.Bytes) / 1e6:F2} MB");
        seconds.Max(s => s.Fields).ShouldBeInRange(100_000, 450_000);
        seconds[240..].Average(s => s.Fields).ShouldBeInRange(1_000, 60_000);
    }

    private static LayerTable Table()
    {
        var table = new LayerTable { Version = 1 };
        table.Layers.AddRange(Enumerable.Range(0, Layers).Select(i => new Layer { Name = $"transformer.h.{i}.mlp.weight", Kind = "Linear", Parameters = 1_000_000 }));
        table.Columns.AddRange(Statistics.Select(statistic => new ColumnDeclaration { Statistic = statistic, Combination = RankCombination.Replicated }));
        return table;
    }

    private static StepReport Report(int step, Random random)
    {
        var report = new StepReport
        {
            Step = (ulong)step, TimeUnixNs = Trainer.Start + (step * 50_000_000L), LayerTableVersion = 1, BatchSize = 64, UnitCount = 64, UnitSize = 1, Exact = true, Values = new StepValues { Loss = 2, LearningRate = 1e-3 },
        };
        foreach (var statistic in Statistics)
        {
            double[] values = [.. Enumerable.Range(0, Layers).Select(_ => 0.5 + random.NextDouble())];
            report.Columns.Add(new Column { Statistic = statistic, Float64 = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) });
        }

        return report;
    }
}
