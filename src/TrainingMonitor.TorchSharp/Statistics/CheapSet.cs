using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>The statistics that need no more than gradients, weights and the optimizer's state. All are taken before the step: the update is predicted
/// from the state, the previous one is still in it.</summary>
internal sealed class CheapSet(LayerMap map)
{
    private readonly FusedPass fused = new();
    private readonly TensorPass general = new();
    private readonly double[] sums = new double[map.Parameters.Count * (int)Sum.Count];
    private readonly List<ParameterStep> steps = new(map.Parameters.Count);
    private readonly bool[] wasIdle = new bool[map.Parameters.Count];
    private readonly bool decoupled = map.Parameters.Any(p => p.Options is global::TorchSharp.Modules.AdamW.Options);
    private bool first, adaptive, adam;

    /// <summary>Parameters of this step that have a gradient.</summary>
    public IReadOnlyList<ParameterStep> Steps => steps;

    /// <summary>Whether every u_{t−1} was to be had at this step.</summary>
    public bool HasCross { get; private set; }

    /// <summary>Whether every u_t can be said.</summary>
    public bool HasUpdate { get; private set; }

    /// <summary>Reads gradients and rules. Call without gradient recording, inside a dispose scope that lasts until after <see cref="Take"/>.</summary>
    /// <param name="second">u_{t−1} is wanted: the step before was looked at too.</param>
    /// <param name="saveUpdate">The next step will want u_t.</param>
    public void Prepare(bool second, bool saveUpdate)
    {
        Array.Clear(sums);
        steps.Clear();
        bool update = true, cross = second;
        (first, adaptive, adam) = (true, true, true);
        for (var p = 0; p < map.Parameters.Count; p++)
        {
            var parameter = map.Parameters[p];
            var rule = OptimizerReader.Read(parameter);
            var gradient = parameter.Tensor.grad;
            if (gradient is null)
            {
                // The optimizer passes it over: no gradient, no update, and its state stays.
                sums[p * (int)Sum.Count + (int)Sum.WeightSq] = parameter.Tensor.detach().square().sum(ScalarType.Float64).item<double>();
                wasIdle[p] = true;
                continue;
            }

            var hasPrevious = second && !wasIdle[p] && rule.Follows(parameter.Previous);
            steps.Add(new ParameterStep(parameter, gradient, rule, hasPrevious, saveUpdate, parameter.Previous));
            update &= rule.Kind != RuleKind.Unknown;
            cross &= hasPrevious || (wasIdle[p] && rule.Kind != RuleKind.Unknown);
            first &= rule.Kind is RuleKind.HeavyBall or RuleKind.Nesterov or RuleKind.Adam or RuleKind.RmsPropMomentum;
            adaptive &= rule.Kind is RuleKind.Adam or RuleKind.RmsProp or RuleKind.RmsPropMomentum;
            adam &= rule.Kind == RuleKind.Adam;
            wasIdle[p] = false;
        }

        (HasCross, HasUpdate) = (cross && steps.Count > 0, update);
    }

    /// <summary>Reads all elements and fills the columns; saved updates of the step before are overwritten.</summary>
    public void Take(StepColumns columns)
    {
        fused.Clear();
        general.Clear();
        foreach (var step in steps)
        {
            if (!fused.TryAdd(step, step.Parameter.Index))
            {
                general.Add(step, step.Parameter.Index, sums);
            }
        }

        fused.Run(sums);
        general.Run();
        CountNonFinite();
        Fill(columns);
        foreach (var step in steps)
        {
            // Tensors are not kept: the optimizer may replace them.
            step.Parameter.Previous = step.Rule with { First = null, Second = null, Largest = null, Mean = null };
        }
    }

    private void Fill(StepColumns columns)
    {
        columns.Add(LayerStatistic.GradSq, sums, Sum.GradSq);
        columns.Add(LayerStatistic.GradDotWeight, sums, Sum.GradWeight);
        columns.Add(LayerStatistic.WeightSq, sums, Sum.WeightSq);
        columns.Add(LayerStatistic.Nonfinite, sums, Sum.NonFinite);
        if (HasUpdate)
        {
            columns.Add(LayerStatistic.Own, sums, Sum.GradUpdate);
            columns.Add(LayerStatistic.SelfMeanSq, sums, Sum.GainGradSq);
            columns.Add(LayerStatistic.UpdateSq, sums, Sum.UpdateSq);
        }

        if (HasCross)
        {
            columns.Add(LayerStatistic.Cross, sums, Sum.GradPrevious);
        }

        if (first && HasUpdate)
        {
            columns.Add(LayerStatistic.MomentumSq, sums, Sum.FirstSq);
        }

        if (adaptive && HasUpdate)
        {
            columns.Add(LayerStatistic.SecondMomentSum, sums, Sum.SecondSum);
            if (HasCross)
            {
                columns.Add(LayerStatistic.RmsStaleness, sums, Sum.Staleness);
                RootMean(columns.Add(LayerStatistic.RmsStaleness));
            }
        }

        if (adam && HasUpdate)
        {
            columns.Add(LayerStatistic.GateOpenProxy, sums, Sum.GateOpen);
            columns.Add(LayerStatistic.GateTotalProxy, sums, Sum.GateTotal);
            Decay(columns);
        }
    }

    private void RootMean(double[] staleness)
    {
        for (var l = 0; l < staleness.Length; l++)
        {
            staleness[l] = Math.Sqrt(staleness[l] / map.Layers[l].Elements);
        }
    }

    /// <summary>The decoupled decay's part: λ⟨g,w⟩ now, λ'⟨g,w_{t−1}⟩ = λ'(⟨g,w_t⟩ + ⟨g,u_{t−1}⟩) for the step before.</summary>
    private void Decay(StepColumns columns)
    {
        if (!decoupled)
        {
            return;
        }

        var own = columns.Add(LayerStatistic.DecayOwn);
        var cross = HasCross ? columns.Add(LayerStatistic.DecayCross) : null;
        foreach (var step in steps)
        {
            var at = step.Parameter.Index * (int)Sum.Count;
            own[step.Parameter.Layer] += step.Rule.DecoupledDecay * sums[at + (int)Sum.GradWeight];
            if (cross is not null && step.HasPrevious)
            {
                cross[step.Parameter.Layer] += step.PreviousRule.DecoupledDecay * (sums[at + (int)Sum.GradWeight] + sums[at + (int)Sum.GradPrevious]);
            }
        }
    }

    private void CountNonFinite()
    {
        foreach (var step in steps)
        {
            var at = step.Parameter.Index * (int)Sum.Count;
            if (!double.IsFinite(sums[at + (int)Sum.GradSq]) && sums[at + (int)Sum.NonFinite] == 0)
            {
                sums[at + (int)Sum.NonFinite] = FusedPass.CountNonFinite(step.Gradient);
            }
        }
    }
}
