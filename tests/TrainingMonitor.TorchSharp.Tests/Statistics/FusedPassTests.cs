using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using TrainingMonitor.TorchSharp.Statistics;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Statistics;

/// <summary>The SIMD pass over float32 memory against the same sums by torch operations in float64, over sizes around lanes, blocks and chunks.</summary>
public sealed class FusedPassTests
{
    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in OptimizerCases.Names.Where(n => !n.StartsWith("rms", StringComparison.Ordinal) && n != "amsgrad"))
        {
            foreach (var size in new[] { 1, 15, 16, 17, 1023, 1025, 40_000 })
            {
                data.Add(name, size);
            }
        }

        data.Add("adamw", 300_000);
        data.Add("nesterov", 300_000);
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_torch_operations(string name, int size)
    {
        manual_seed(size);
        using var model = nn.Linear(size, 1, hasBias: false);
        using var optimizer = OptimizerCases.Make(name, model);
        using var map = LayerMap.Create(model, optimizer);
        var parameter = map.Parameters.Single();
        UpdateRule previous = default;
        for (var t = 0; t < 3; t++)
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            parameter.Tensor.grad = randn_like(parameter.Tensor);
            var rule = OptimizerReader.Read(parameter);
            var step = new ParameterStep(parameter, parameter.Tensor.grad!, rule, t > 0, true, previous);
            var (fast, slow) = (new double[(int)Sum.Count], new double[(int)Sum.Count]);
            using var saved = parameter.SavedUpdate?.clone();
            var fused = new FusedPass();
            fused.TryAdd(step, 0).ShouldBeTrue();
            fused.Run(fast);
            using var after = parameter.SavedUpdate?.clone();
            if (saved is not null)
            {
                parameter.EnsureSavedUpdate().copy_(saved);
            }

            var general = new TensorPass();
            general.Add(step, 0, slow);
            general.Run();
            for (var sum = Sum.GradSq; sum < Sum.Count; sum++)
            {
                var scale = sum switch
                {
                    Sum.GradPrevious or Sum.GradUpdate => Math.Sqrt(slow[(int)Sum.GradSq] * slow[(int)Sum.UpdateSq]),
                    Sum.GradWeight => Math.Sqrt(slow[(int)Sum.GradSq] * slow[(int)Sum.WeightSq]),
                    _ => Math.Abs(slow[(int)sum]),
                };
                double.IsNaN(fast[(int)sum]).ShouldBe(double.IsNaN(slow[(int)sum]), $"{sum} at {t}");
                if (!double.IsNaN(slow[(int)sum]))
                {
                    Math.Abs(fast[(int)sum] - slow[(int)sum]).ShouldBeLessThanOrEqualTo(2e-6 * scale, $"{sum} at {t}: {fast[(int)sum]} and {slow[(int)sum]}");
                }
            }

            if (t > 0 && !rule.MustSaveUpdate)
            {
                PreviousUpdate.Of(step, ScalarType.Float32).allclose(
                    UpdateTensors.PreviousUpdate(rule, previous, parameter.Tensor, saved, ScalarType.Float32), rtol: 1e-5, atol: 1e-8).ShouldBeTrue();
            }

            after?.allclose(parameter.SavedUpdate!, rtol: 1e-5, atol: 3e-7).ShouldBeTrue();
            previous = rule;
            optimizer.step();
        }
    }

    [Fact]
    public void Is_the_same_every_time()
    {
        manual_seed(1);
        using var model = nn.Linear(600_001, 1, hasBias: false);
        using var optimizer = OptimizerCases.Make("adam", model);
        using var map = LayerMap.Create(model, optimizer);
        var parameter = map.Parameters.Single();
        using var gradient = randn_like(parameter.Tensor, requires_grad: false);
        var fused = new FusedPass();
        var all = Enumerable.Range(0, 5).Select(_ =>
        {
            var sums = new double[(int)Sum.Count];
            fused.Clear();
            fused.TryAdd(new ParameterStep(parameter, gradient, OptimizerReader.Read(parameter), false, false, default), 0);
            fused.Run(sums);
            return sums;
        }).ToList();
        all.ShouldAllBe(s => s.SequenceEqual(all[0]));
    }

    [Fact]
    public void Other_layouts_and_types_are_left_to_the_general_way()
    {
        using var model = nn.Linear(8, 4, hasBias: false);
        using var optimizer = OptimizerCases.Make("sgd", model);
        using var map = LayerMap.Create(model, optimizer);
        var parameter = map.Parameters.Single();
        var rule = OptimizerReader.Read(parameter);
        var fused = new FusedPass();
        using var transposed = randn(8, 4).t();
        using var half = randn(4, 8).to(ScalarType.BFloat16);
        fused.TryAdd(new ParameterStep(parameter, transposed, rule, false, false, default), 0).ShouldBeFalse();
        fused.TryAdd(new ParameterStep(parameter, half, rule, false, false, default), 0).ShouldBeFalse();
    }
}
