using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Statistics;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Exact per-example sums and per-example cross terms of the layers that allow them. A layer whose contributions do not add up to its gradient
/// (a shared weight, a penalty in the loss, examples not in dimension 0, gradient accumulation) is refused with its reason.</summary>
internal sealed class ExactSet : IDisposable
{
    private readonly LayerMap map;
    private readonly List<LayerCapture> captures = [];

    /// <summary>Hooks into every supported layer.</summary>
    public ExactSet(LayerMap map, Action<Exception> onError)
    {
        this.map = map;
        foreach (var layer in map.Layers)
        {
            if (LayerCapture.TryCreate(layer, onError) is { } capture)
            {
                captures.Add(capture);
            }
        }
    }

    /// <summary>Whether any layer is supported.</summary>
    public bool Any => captures.Count > 0;

    /// <summary>Whether every layer is covered now.</summary>
    public bool All => captures.Count == map.Layers.Count && captures.TrueForAll(c => c.Refused is null);

    /// <summary>Layers without exact sums, with the reason.</summary>
    public IEnumerable<(string Layer, string Reason)> Missing()
    {
        foreach (var layer in map.Layers)
        {
            var capture = captures.Find(c => c.Layer == layer);
            if (capture is null)
            {
                yield return (layer.Name, layer.Kind.StartsWith("BatchNorm", StringComparison.Ordinal)
                    ? "BatchNorm couples the examples of a batch" : $"no per-example arithmetic for {layer.Kind}");
            }
            else if (capture.Refused is { } reason)
            {
                yield return (layer.Name, reason);
            }
        }
    }

    /// <summary>Takes (or not) the coming forward passes.</summary>
    public void Arm(bool on)
    {
        foreach (var capture in captures)
        {
            capture.Armed = on;
        }
    }

    /// <summary>Forgets what was taken.</summary>
    public void Clear()
    {
        foreach (var capture in captures)
        {
            capture.Clear();
        }
    }

    /// <summary>Examples of the captured batch, from the first layer that has it; 0: nothing captured.</summary>
    public long CapturedBatch() => captures.Select(c => c.Take()).FirstOrDefault(t => t.Count == 1) is { } taken ? taken[0].Delta.shape[0] : 0;

    /// <summary>Fills the exact columns. NaN stands for a layer that is not covered. Returns the number of examples whose gradient is exactly zero, where every layer is covered.</summary>
    /// <param name="columns">Where they go.</param>
    /// <param name="batch">Examples b.</param>
    /// <param name="steps">Parameters with gradient and rule.</param>
    /// <param name="clip">Factor that clipping applied to the gradient.</param>
    /// <param name="withGain">Whether P is known.</param>
    public double? Fill(StepColumns columns, long batch, IReadOnlyList<ParameterStep> steps, double clip, bool withGain)
    {
        var results = new ScalarBatch();
        var exampleSq = Empty(columns.Add(LayerStatistic.ExampleGradSq));
        var second = withGain ? Empty(columns.Add(LayerStatistic.SelfSecondMoment)) : null;
        double[] open = Empty(columns.Add(LayerStatistic.GateOpen)), total = Empty(columns.Add(LayerStatistic.GateTotal));
        Tensor? examples = null;
        foreach (var capture in captures)
        {
            if (Sums(capture, batch, steps, clip) is not { } sums)
            {
                continue;
            }

            var l = map.Layers.ToList().IndexOf(capture.Layer);
            exampleSq[l] = open[l] = total[l] = 0;
            results.Add(exampleSq, l, sums.ExampleSquares!.sum() * (batch * clip * clip));
            examples = examples is null ? sums.ExampleSquares : examples + sums.ExampleSquares;
            if (second is not null)
            {
                second[l] = 0;
            }

            foreach (var (parameter, squares) in sums.Squares)
            {
                var step = steps.First(s => s.Parameter == parameter);
                ExactColumns.Add(results, step, squares, batch, clip, l, second, open, total);
            }
        }

        results.Run();
        return All && examples is not null ? examples.eq(0).sum().item<long>() : null;
    }

    /// <summary>cross_i = ⟨g_i, u_{t−1}⟩ of each example, summed over the covered layers; null where nothing was captured.</summary>
    public double[]? Cross(long batch, IReadOnlyList<ParameterStep> steps, double clip)
    {
        Tensor? cross = null;
        foreach (var capture in captures)
        {
            var taken = capture.Take();
            if (capture.Refused is not null || taken.Count != 1 || taken[0].Delta.shape[0] != batch)
            {
                continue;
            }

            var one = capture.Math.Cross(taken[0].Input, taken[0].Delta, name => Previous(capture.Layer[name], steps, taken[0].Delta.dtype));
            cross = cross is null ? one : cross + one;
        }

        return cross is null ? null : (cross * (batch * clip)).cpu().data<double>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var capture in captures)
        {
            capture.Dispose();
        }

        captures.Clear();
    }

    private static double[] Empty(double[] column)
    {
        Array.Fill(column, double.NaN);
        return column;
    }

    private static Tensor? Previous(WatchedParameter? parameter, IReadOnlyList<ParameterStep> steps, ScalarType type)
    {
        foreach (var step in steps)
        {
            if (step.Parameter == parameter && step.HasPrevious)
            {
                return PreviousUpdate.Of(step, type);
            }
        }

        return null;
    }

    private static LayerSums? Sums(LayerCapture capture, long batch, IReadOnlyList<ParameterStep> steps, double clip)
    {
        var taken = capture.Take();
        if (capture.Refused is not null || taken.Count == 0 || capture.Layer.Parameters.Any(p => steps.All(s => s.Parameter != p)))
        {
            return null;
        }

        if (taken.Count > 1 || taken[0].Delta.shape[0] != batch || taken[0].Input.shape[0] != batch)
        {
            capture.Refused = taken.Count > 1 ? "called more than once in a step" : "the examples are not in dimension 0 of its output";
            return null;
        }

        var sums = new LayerSums(batch, !capture.Checked);
        capture.Math.Accumulate(taken[0].Input, taken[0].Delta, sums);
        capture.Checked = true;
        foreach (var (parameter, total) in sums.Totals)
        {
            var gradient = steps.First(s => s.Parameter == parameter).Gradient;
            var difference = (total * clip - gradient).square().sum(ScalarType.Float64).item<double>();
            if (!(difference <= 1e-6 * gradient.square().sum(ScalarType.Float64).item<double>() + 1e-30) && gradient.isfinite().all().item<bool>())
            {
                capture.Refused = "the sum over the examples is not its gradient (a penalty in the loss, a shared weight, or gradient accumulation)";
                return null;
            }
        }

        return sums;
    }
}
