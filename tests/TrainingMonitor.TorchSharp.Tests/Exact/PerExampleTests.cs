using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Exact;

/// <summary>Exact sums and per-example cross terms of every layer kind against one backward pass an example.</summary>
public sealed class PerExampleTests
{
    private const int Batch = 6;

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var net in Nets.Names)
        {
            data.Add(net, "adam");
            data.Add(net, "nesterov");
        }

        data.Add("linear", "adamw");
        data.Add("linear", "momentum");
        data.Add("linear", "rmsprop");
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Match_brute_force(string net, string optimizerName)
    {
        manual_seed(21);
        var (model, input) = Nets.Make(net);
        using var optimizer = OptimizerCases.Make(optimizerName, model);
        using var sink = new CaptureSink();
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions { PairInterval = 1, ExactInterval = 1 }, sink, TimeProvider.System);
        var oracle = new Oracle(model, (z, y) => nn.functional.cross_entropy(z, y), sink.Table);
        var beta = optimizerName is "adam" or "adamw" or "momentum" or "nesterov" ? 0.9 : 0;
        var seen = new Dictionary<long, long>();
        double[][]? previous = null;
        for (var t = 0; t < 4; t++)
        {
            using var scope = NewDisposeScope();
            var ids = Enumerable.Range(0, Batch).Select(i => (long)((t * 2) + i)).ToArray();
            var (x, y) = (input(Batch), randint(Nets.Classes, Batch, dtype: ScalarType.Int64));
            var examples = oracle.Examples(x, y);
            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(x), y);
            loss.backward();
            var (g, before) = (oracle.Gradients(), oracle.Weights());
            var report = Step(watch, loss, ids, sink);
            var after = oracle.Weights();
            report.Exact.ShouldBeTrue();
            report.UnitCount.ShouldBe((uint)Batch);
            report.Values.ZeroGradExamples.ShouldBe(0);
            watch.IsOn.ShouldBeTrue();
            for (var l = 0; l < g.Length; l++)
            {
                Layer(report, l, [.. examples.Select(e => e[l])], g[l], Gains(optimizer, oracle, l, t));
            }

            if (previous is not null)
            {
                var cross = examples.Select(e => Enumerable.Range(0, g.Length).Sum(l => Oracle.Dot(e[l], previous[l]))).ToArray();
                var z = ids.Select(i => seen.TryGetValue(i, out var s) ? Math.Pow(beta, t - s - 1) : 0).ToArray();
                Lag(report, cross, z);
            }

            foreach (var id in ids)
            {
                seen[id] = t;
            }

            previous = [.. before.Zip(after, Oracle.Minus)];
        }
    }

    /// <summary>The pass over float32 memory against the general way in float64, on the same weights and batch.</summary>
    [Theory]
    [InlineData("adam")]
    [InlineData("adamw")]
    [InlineData("nesterov")]
    [InlineData("momentum-decay")]
    public void Single_precision_follows_double(string optimizerName)
    {
        var all = new List<List<StepReport>>();
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using var scope = NewDisposeScope();
            manual_seed(9);
            var model = nn.Sequential(("a", nn.Linear(40, 37, dtype: ScalarType.Float32)), ("t", nn.Tanh()), ("b", nn.Linear(37, Nets.Classes, dtype: ScalarType.Float32)));
            var x = randn(16, 40).to(type);
            var y = randint(Nets.Classes, 16, dtype: ScalarType.Int64);
            global::TorchSharp.ModuleExtensionMethods.to(model, type);
            using var optimizer = OptimizerCases.Make(optimizerName, model);
            using var sink = new CaptureSink();
            using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions { PairInterval = 1, ExactInterval = 1 }, sink, TimeProvider.System);
            for (var t = 0; t < 3; t++)
            {
                optimizer.zero_grad();
                var loss = nn.functional.cross_entropy(model.call(x), y);
                loss.backward();
                watch.Step(loss, new BatchInfo { Size = 16 });
            }

            all.Add(sink.Reports);
        }

        foreach (var (single, twice) in all[0].Zip(all[1]))
        {
            foreach (var statistic in new[] { LayerStatistic.ExampleGradSq, LayerStatistic.SelfSecondMoment, LayerStatistic.GateOpen, LayerStatistic.GateTotal })
            {
                var (a, b) = (single.Column(statistic)!, twice.Column(statistic)!);
                for (var l = 0; l < a.Length; l++)
                {
                    a[l].ShouldBe(b[l], (statistic is LayerStatistic.GateOpen ? 0.01 : 1e-3) * b[l] + 1e-12, $"{statistic} at {single.Step}");
                }
            }
        }
    }

    private static StepReport Step(TrainingWatch watch, Tensor loss, long[] ids, CaptureSink sink)
    {
        watch.Step(loss, new BatchInfo { ExampleIds = ids });
        return sink.Reports[^1];
    }

    /// <summary>P from the optimizer's own state after the step.</summary>
    private static double[] Gains(optim.Optimizer optimizer, Oracle oracle, int layer, int t)
    {
        var helper = (global::TorchSharp.Modules.OptimizerHelper)optimizer;
        var owner = optimizer.parameters().ToList();
        return [.. oracle.Parameters[layer].SelectMany(p =>
        {
            var state = helper.state_dict().State[owner.FindIndex(o => o.Handle == p.Handle)];
            return state switch
            {
                global::TorchSharp.Modules.Adam.State s => Adam(s.exp_avg_sq),
                global::TorchSharp.Modules.AdamW.State s => Adam(s.exp_avg_sq),
                global::TorchSharp.Modules.RMSProp.State s => [.. Oracle.Flat(s.square_avg).Select(v => 0.01 / (Math.Sqrt(v) + 1e-8))],
                global::TorchSharp.Modules.SGD.State => [.. Oracle.Flat(p).Select(_ => ((global::TorchSharp.Modules.SGD.Options)helper.state_dict().Options[0]).nesterov == true ? 0.1 * 1.9 : 0.1)],
                _ => throw new InvalidOperationException(),
            };
        })];

        double[] Adam(Tensor v) =>
            [.. Oracle.Flat(v).Select(s => 0.01 * 0.1 / (1 - Math.Pow(0.9, t + 1)) / (Math.Sqrt(s / (1 - Math.Pow(0.999, t + 1))) + 1e-8))];
    }

    private static void Layer(StepReport report, int layer, double[][] examples, double[] mean, double[] gains)
    {
        var second = Enumerable.Range(0, mean.Length).Select(k => examples.Average(e => e[k] * e[k])).ToArray();
        Near(LayerStatistic.ExampleGradSq, second.Sum(), 1e-6);
        Near(LayerStatistic.SelfSecondMoment, Oracle.Dot(second, gains), 1e-9);
        Near(LayerStatistic.SelfMeanSq, gains.Zip(mean, (p, g) => p * g * g).Sum(), 1e-9);
        var variance = second.Zip(mean, (s, g) => s - g * g).ToArray();
        Near(LayerStatistic.GateTotal, variance.Zip(second, (v, s) => v > 1e-9 * s && s > 0 ? 1 : 0).Sum(), 1e-9);
        Near(LayerStatistic.GateOpen, variance.Zip(mean, (v, g) => g * g > v / (Batch - 1) * (1 + 1e-6) ? 1 : 0).Sum(), 1e-9);

        void Near(LayerStatistic statistic, double expected, double tolerance) =>
            report.Column(statistic).ShouldNotBeNull()[layer].ShouldBe(expected, tolerance * Math.Abs(expected) + 1e-18, $"{statistic} of layer {layer} at {report.Step}");
    }

    private static void Lag(StepReport report, double[] cross, double[] z)
    {
        var scale = cross.Max(Math.Abs);
        var lag = report.Lag.ShouldNotBeNull();
        lag.Count.ShouldBe((ulong)Batch);
        lag.SumCross.ShouldBe(cross.Sum(), 1e-9 * scale);
        lag.SumCrossSq.ShouldBe(cross.Sum(c => c * c), 1e-9 * scale * scale);
        lag.SumZ.ShouldBe(z.Sum(), 1e-12);
        lag.SumZSq.ShouldBe(z.Sum(v => v * v), 1e-12);
        lag.SumCrossZ.ShouldBe(Oracle.Dot(cross, z), 1e-9 * scale);
        (lag.SumCross / Batch).ShouldBe(report.Column(LayerStatistic.Cross)!.Sum(), 1e-9 * scale);
    }
}
