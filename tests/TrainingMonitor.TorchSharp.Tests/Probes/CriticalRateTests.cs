using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Probes;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Probes;

public sealed class CriticalRateTests
{
    [Theory]
    [InlineData(1.3, 5)]
    [InlineData(0.2, 7)]
    [InlineData(9.0, 8)]
    public void On_a_quadratic_few_evaluations_find_it(double root, int most)
    {
        var (factor, evaluations, converged) = CriticalRate.Find(c => 5 + (c * (c - root)));
        factor.ShouldBe(root, 1e-9 * root);
        converged.ShouldBeTrue();
        evaluations.ShouldBeLessThanOrEqualTo(most);
    }

    [Fact]
    public void A_loss_that_overflows_past_the_end_is_no_obstacle()
    {
        var (factor, _, converged) = CriticalRate.Find(c => c > 3 ? double.NaN : (c * (c - 2.5)) + (0.3 * c * c * c));
        factor.ShouldBe((-1 + Math.Sqrt(1 + (4 * 0.3 * 2.5))) / 0.6, 0.02);
        converged.ShouldBeTrue();
    }

    [Fact]
    public void An_update_that_only_climbs_has_none() => CriticalRate.Find(c => c).Factor.ShouldBe(double.NaN);

    [Theory]
    [InlineData("adamw")]
    [InlineData("momentum")]
    public void The_probe_is_the_rayleigh_quotient_of_the_update_on_a_quadratic(string name)
    {
        // For L = ½|Aw − b|² the root is 2⟨g,u⟩/u'Hu, so 2/η_c = u'Hu/(η⟨g,u⟩).
        manual_seed(3);
        using var model = nn.Linear(5, 3, hasBias: false, dtype: ScalarType.Float64);
        using var optimizer = OptimizerCases.Make(name, model);
        using var sink = new CaptureSink();
        var options = new WatchOptions { Probes = new ProbeOptions { Interval = 1, CriticalSharpness = true, BatchSharpness = false, NextBatchGain = false } };
        using var watch = TrainingWatch.Start(model, optimizer, options, sink, TimeProvider.System);
        using var scope = NewDisposeScope();
        Tensor x = randn(20, 5, dtype: ScalarType.Float64), y = randn(20, 3, dtype: ScalarType.Float64);
        var expected = new List<double>();
        for (var t = 0; t < 4; t++)
        {
            optimizer.zero_grad();
            var loss = Loss();
            loss.backward();
            Tensor g = model.weight!.grad!.clone(), before = model.weight.detach().clone();
            watch.Step(loss, new BatchInfo { Size = 20, Reevaluate = Loss });
            var u = before - model.weight.detach();
            var curvature = x.mm(u.t()).square().sum() / 20;
            var rate = optimizer.ParamGroups.First().LearningRate;
            expected.Add((curvature / (g * u).sum()).item<double>() / rate);
        }

        sink.Probes.Select(p => p.Kind).Distinct().ShouldBe([ProbeKind.CriticalSharpness]);
        sink.Probes.Count.ShouldBe(4);
        for (var t = 0; t < 4; t++)
        {
            sink.Probes[t].Value.ShouldBe(expected[t], 1e-6 * Math.Abs(expected[t]), $"step {t}");
        }

        Tensor Loss() => (model.call(x) - y).square().sum() / 40;
    }
}
