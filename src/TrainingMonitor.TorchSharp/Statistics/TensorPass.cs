using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>The same sums by torch operations, for tensors on other devices, of other types and for rules without a kernel of their own: all results of all
/// parameters are stacked and copied once. In float64 where the device has it.</summary>
internal sealed class TensorPass
{
    private readonly ScalarBatch results = new();

    /// <summary>Starts a new step.</summary>
    public void Clear() => results.Clear();

    /// <summary>Queues the sums of one parameter. Call inside a dispose scope that lasts until <see cref="Run"/>.</summary>
    public void Add(in ParameterStep step, int row, double[] sums)
    {
        var type = step.Gradient.device_type == global::TorchSharp.DeviceType.MPS ? ScalarType.Float32 : ScalarType.Float64;
        var at = row * (int)Sum.Count;
        var rule = step.Rule;
        Tensor gradient = step.Gradient.is_sparse ? step.Gradient.to_dense() : step.Gradient;
        Tensor g = gradient.to_type(type), w = step.Parameter.Tensor.detach().to_type(type);
        Add(Sum.GradSq, g.square().sum());
        Add(Sum.GradWeight, (g * w).sum());
        Add(Sum.WeightSq, w.square().sum());
        Add(Sum.NonFinite, g.isfinite().logical_not_().sum().to_type(type));
        for (var sum = Sum.GradUpdate; sum < Sum.NonFinite; sum++)
        {
            if (sum is not (Sum.GradWeight or Sum.WeightSq))
            {
                sums[at + (int)sum] = double.NaN;
            }
        }

        if (rule.Kind == RuleKind.Unknown)
        {
            return;
        }

        if (step.HasPrevious)
        {
            var previous = UpdateTensors.PreviousUpdate(rule, step.PreviousRule, step.Parameter.Tensor, step.Parameter.SavedUpdate, type);
            Add(Sum.GradPrevious, (g * previous).sum());
            if (UpdateTensors.Preconditioner(rule, type) is { } root)
            {
                Add(Sum.Staleness, (g / root).square().sum());
            }
        }

        var next = UpdateTensors.Predict(rule, gradient, step.Parameter.Tensor, type);
        Add(Sum.GradUpdate, (g * next.Update).sum());
        Add(Sum.GainGradSq, (g.square() * next.Gain).sum());
        Add(Sum.UpdateSq, next.Update.square().sum());
        if (next.First is not null)
        {
            Add(Sum.FirstSq, next.First.square().sum());
        }

        if (next.Second is not null)
        {
            Add(Sum.SecondSum, next.Second.sum());
        }

        if (rule.Kind == RuleKind.Adam)
        {
            var steps = rule.PriorSteps + 1;
            var mean = (next.First! / rule.Correction1(steps)).square();
            var second = next.Second! / Math.Pow(rule.RootCorrection2(steps), 2);
            Add(Sum.GateOpen, mean.gt(second - mean).sum().to_type(type));
            Add(Sum.GateTotal, second.gt(0).sum().to_type(type));
        }

        if (step.SaveUpdate && rule.MustSaveUpdate)
        {
            step.Parameter.EnsureSavedUpdate().copy_(next.Update);
        }

        void Add(Sum sum, Tensor value)
        {
            sums[at + (int)sum] = 0;
            results.Add(sums, at + (int)sum, value);
        }
    }

    /// <summary>Copies all results into their places.</summary>
    public void Run() => results.Run();
}
