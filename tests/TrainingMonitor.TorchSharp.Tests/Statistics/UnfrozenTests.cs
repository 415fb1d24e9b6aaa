using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Statistics;

/// <summary>Layers that the optimizer begins to train while it is watched.</summary>
public sealed class UnfrozenTests
{
    private const int Steps = 8, At = 4, Batch = 8;

    public static TheoryData<int> Ways => [0, Batch];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Are_layers_from_then_on(int ids)
    {
        manual_seed(3);
        using var first = nn.Linear(6, 5, dtype: ScalarType.Float64);
        using var last = nn.Linear(5, 3, dtype: ScalarType.Float64);
        using var model = nn.Sequential(("first", first), ("last", last));
        foreach (var parameter in first.parameters())
        {
            parameter.requires_grad = false;
        }

        using var optimizer = optim.SGD(model.parameters(), 0.05, momentum: 0.9);
        using var sink = new CaptureSink();
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions { PairInterval = 1, ExactInterval = 1, BatchSize = Batch, DatasetSize = 64 }, sink, TimeProvider.System);
        sink.Table.Layers.Select(layer => layer.Name).ShouldBe(["last"]);
        for (var t = 0; t < Steps; t++)
        {
            using var scope = NewDisposeScope();
            if (t == At)
            {
                foreach (var parameter in first.parameters())
                {
                    parameter.requires_grad = true;
                }
            }

            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(randn(Batch, 6, dtype: ScalarType.Float64)), randint(3, Batch, dtype: ScalarType.Int64));
            loss.backward();
            var before = new[] { first, last }.Select(layer => layer.parameters().Select(p => p.detach().clone()).ToList()).ToList();
            var squares = new[] { first, last }.Select(layer => layer.parameters().Sum(p => p.grad is { } g && p.requires_grad ? g.square().sum().item<double>() : 0)).ToList();
            watch.Step(loss, new BatchInfo { ExampleIds = Enumerable.Range(0, ids).Select(i => (long)((t * Batch) + i) % 64).ToArray() });
            var updates = new[] { first, last }.Select((layer, l) => layer.parameters().Zip(before[l], (p, b) => (b - p.detach()).square().sum().item<double>()).Sum()).ToList();

            var report = sink.At(t);
            var from = t < At ? 1 : 0;
            report.LayerTableVersion.ShouldBe(t < At ? 1u : 2u);
            Near(report.Column(LayerStatistic.GradSq)!, squares[from..]);
            Near(report.Column(LayerStatistic.UpdateSq)!, updates[from..]);
            (report.Column(LayerStatistic.Cross) is null).ShouldBe(t is 0 or At);
            report.PairInvalid.ShouldBe(false);
            report.Exact.ShouldBeTrue();
            report.Values.Samples.ShouldBe(t * Batch);
        }

        sink.Table.Version.ShouldBe(2u);
        sink.Table.Layers.Select(layer => layer.Name).ShouldBe(["first", "last"]);
        sink.Descriptions[^1].Parameters.ShouldBe(53ul);
        watch.IsOn.ShouldBeTrue();
    }

    private static void Near(double[] told, List<double> values)
    {
        told.Length.ShouldBe(values.Count);
        for (var l = 0; l < told.Length; l++)
        {
            told[l].ShouldBe(values[l], 1e-6 * Math.Abs(values[l]));
        }
    }
}
