using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Statistics;

/// <summary>Own, cross and norms of every optimizer against the differences of the weights that it really made.</summary>
public sealed class UpdateStatisticsTests
{
    public static TheoryData<string, ScalarType> Cases()
    {
        var data = new TheoryData<string, ScalarType>();
        foreach (var name in OptimizerCases.Names)
        {
            data.Add(name, ScalarType.Float64);
            data.Add(name, ScalarType.Float32);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Follow_the_weights(string name, ScalarType type)
    {
        manual_seed(11);
        var (model, input) = Nets.Make("linear", type);
        using var optimizer = OptimizerCases.Make(name, model);
        using var sink = new CaptureSink();
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions { PairInterval = 1, ExactInterval = 0 }, sink, TimeProvider.System);
        var oracle = new Oracle(model, (z, y) => nn.functional.cross_entropy(z, y), sink.Table);
        var tolerance = type == ScalarType.Float64 ? 1e-9 : 2e-3;
        double[][]? previous = null;
        for (var t = 0; t < 6; t++)
        {
            using var scope = NewDisposeScope();
            if (t == 4)
            {
                // A scheduler: the update before this step was made with the old rate.
                foreach (var group in optimizer.ParamGroups)
                {
                    group.LearningRate *= 0.5;
                }
            }

            optimizer.zero_grad();
            var loss = nn.functional.cross_entropy(model.call(input(8)), randint(Nets.Classes, 8, dtype: ScalarType.Int64));
            loss.backward();
            var (g, before) = (oracle.Gradients(), oracle.Weights());
            watch.Step(loss);
            var after = oracle.Weights();
            var report = sink.At(t);
            for (var l = 0; l < before.Length; l++)
            {
                var u = Oracle.Minus(before[l], after[l]);
                Near(report, LayerStatistic.GradSq, l, Oracle.Dot(g[l], g[l]), 1e-6);
                Near(report, LayerStatistic.GradDotWeight, l, Oracle.Dot(g[l], before[l]), 1e-5);
                Near(report, LayerStatistic.WeightSq, l, Oracle.Dot(before[l], before[l]), 1e-6);
                Near(report, LayerStatistic.UpdateSq, l, Oracle.Dot(u, u), Math.Max(tolerance, 1e-6));
                Near(report, LayerStatistic.Own, l, Oracle.Dot(g[l], u), tolerance);
                if (previous is not null)
                {
                    Near(report, LayerStatistic.Cross, l, Oracle.Dot(g[l], previous[l]), tolerance, Math.Sqrt(Oracle.Dot(g[l], g[l]) * Oracle.Dot(previous[l], previous[l])));
                }
            }

            report.PairInvalid.ShouldBeFalse();
            (report.Column(LayerStatistic.Cross) is null).ShouldBe(t == 0);
            previous = [.. before.Zip(after, Oracle.Minus)];
        }
    }

    [Fact]
    public void Decoupled_decay_is_told_apart()
    {
        manual_seed(3);
        var (model, input) = Nets.Make("linear");
        const double rate = 0.01, decay = 0.5;
        using var optimizer = optim.AdamW(model.parameters(), rate, weight_decay: decay);
        using var sink = new CaptureSink();
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions { PairInterval = 1, ExactInterval = 0 }, sink, TimeProvider.System);
        var oracle = new Oracle(model, (z, y) => nn.functional.cross_entropy(z, y), sink.Table);
        double[][]? old = null;
        for (var t = 0; t < 3; t++)
        {
            optimizer.zero_grad();
            using var loss = nn.functional.cross_entropy(model.call(input(8)), randint(Nets.Classes, 8, dtype: ScalarType.Int64));
            loss.backward();
            var (g, w) = (oracle.Gradients(), oracle.Weights());
            watch.Step(loss);
            for (var l = 0; l < w.Length; l++)
            {
                Near(sink.At(t), LayerStatistic.DecayOwn, l, rate * decay * Oracle.Dot(g[l], w[l]), 1e-10);
                if (old is not null)
                {
                    Near(sink.At(t), LayerStatistic.DecayCross, l, rate * decay * Oracle.Dot(g[l], old[l]), 1e-9);
                }
            }

            old = w;
        }

        sink.Descriptions[0].Optimizer.DecoupledDecay.ShouldBeTrue();
        sink.Descriptions[0].Optimizer.UpdateIncludesDecay.ShouldBeTrue();
    }

    [Fact]
    public void Adam_state_is_seen_as_it_is_after_the_step()
    {
        manual_seed(5);
        var (model, input) = Nets.Make("linear");
        using var optimizer = optim.Adam(model.parameters(), 0.01, beta1: 0.8, beta2: 0.95);
        using var sink = new CaptureSink();
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions { PairInterval = 1, ExactInterval = 1 }, sink, TimeProvider.System);
        var oracle = new Oracle(model, (z, y) => nn.functional.cross_entropy(z, y), sink.Table);
        var states = optimizer.state_dict().State.Cast<global::TorchSharp.Modules.Adam.State>().ToList();
        double[][]? oldSecond = null;
        for (var t = 0; t < 5; t++)
        {
            optimizer.zero_grad();
            using var loss = nn.functional.cross_entropy(model.call(input(8)), randint(Nets.Classes, 8, dtype: ScalarType.Int64));
            loss.backward();
            var g = oracle.Gradients();
            watch.Step(loss);
            double[][] m = [Join(states[0].exp_avg, states[1].exp_avg), Join(states[2].exp_avg, states[3].exp_avg)];
            double[][] v = [Join(states[0].exp_avg_sq, states[1].exp_avg_sq), Join(states[2].exp_avg_sq, states[3].exp_avg_sq)];
            double c1 = 1 - Math.Pow(0.8, t + 1), c2 = 1 - Math.Pow(0.95, t + 1), old2 = 1 - Math.Pow(0.95, t);
            for (var l = 0; l < 2; l++)
            {
                Near(sink.At(t), LayerStatistic.MomentumSq, l, Oracle.Dot(m[l], m[l]), 1e-6);
                Near(sink.At(t), LayerStatistic.SecondMomentSum, l, v[l].Sum(), 1e-6);
                Near(sink.At(t), LayerStatistic.SelfMeanSq, l, g[l].Zip(v[l], (a, b) => a * a * 0.01 * 0.2 / c1 / (Math.Sqrt(b / c2) + 1e-8)).Sum(), 1e-9);
                Near(sink.At(t), LayerStatistic.GateOpenProxy, l, m[l].Zip(v[l], (a, b) => Math.Pow(a / c1, 2) > b / c2 - Math.Pow(a / c1, 2) ? 1 : 0).Sum(), 1e-9);
                Near(sink.At(t), LayerStatistic.GateTotalProxy, l, v[l].Count(b => b > 0), 1e-9);
                if (oldSecond is not null)
                {
                    var mean = g[l].Zip(oldSecond[l], (a, b) => Math.Pow(a / (Math.Sqrt(b / old2) + 1e-8), 2)).Average();
                    Near(sink.At(t), LayerStatistic.RmsStaleness, l, Math.Sqrt(mean), 1e-6);
                }
            }

            oldSecond = v;
        }
    }

    private static double[] Join(Tensor a, Tensor b) => [.. Oracle.Flat(a), .. Oracle.Flat(b)];

    private static void Near(StepReport report, LayerStatistic statistic, int layer, double expected, double tolerance, double scale = 0)
    {
        var column = report.Column(statistic).ShouldNotBeNull($"{statistic}");
        column[layer].ShouldBe(expected, tolerance * Math.Max(Math.Abs(expected), scale) + 1e-15, $"{statistic} of layer {layer} at step {report.Step}");
    }
}
