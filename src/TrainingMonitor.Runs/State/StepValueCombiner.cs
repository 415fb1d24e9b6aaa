using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Runs.State;

/// <summary>Combines the values of the whole step: loss and accuracy by an example-weighted mean, zero-gradient examples by a sum, times by the slowest rank;
/// the rest is the same on all ranks and is taken from the lowest that has it.</summary>
internal sealed class StepValueCombiner
{
    private readonly StepInput step;
    private Mean loss;
    private Mean accuracy;

    public StepValueCombiner(StepInput step, double weight)
    {
        this.step = step;
        loss.Add(step[StepValue.Loss], weight, Sent(step, StepValue.Loss));
        accuracy.Add(step[StepValue.Accuracy], weight, Sent(step, StepValue.Accuracy));
    }

    public void Add(StepInput rank, double weight)
    {
        loss.Add(rank[StepValue.Loss], weight, Sent(rank, StepValue.Loss));
        accuracy.Add(rank[StepValue.Accuracy], weight, Sent(rank, StepValue.Accuracy));
        for (var v = StepValue.Loss; v <= StepValue.Samples; v++)
        {
            if (!Sent(rank, v) || v is StepValue.Loss or StepValue.Accuracy)
            {
                continue;
            }

            if (!Sent(step, v))
            {
                step[v] = rank[v];
            }
            else if (v is StepValue.StepSeconds or StepValue.MonitorSeconds)
            {
                step[v] = Math.Max(step[v], rank[v]);
            }
            else if (v is StepValue.ZeroGradExamples)
            {
                step[v] += rank[v];
            }
        }

        step.NonFiniteValues |= rank.NonFiniteValues;
    }

    public void Finish()
    {
        step[StepValue.Loss] = loss.Value;
        step[StepValue.Accuracy] = accuracy.Value;
    }

    private static bool Sent(StepInput input, StepValue which) =>
        !double.IsNaN(input[which]) || (input.NonFiniteValues & (1u << (int)which)) != 0;

    private struct Mean
    {
        private double first;
        private double sum;
        private double weights;
        private bool any;
        private bool differs;

        public void Add(double value, double weight, bool sent)
        {
            if (!sent)
            {
                return;
            }

            if (!any)
            {
                (any, first) = (true, value);
            }

            differs |= !first.Equals(value);
            sum += weight * value;
            weights += weight;
        }

        // Equal values (already reduced by the trainer) come out as they are, without a rounding.
        public readonly double Value => !any ? double.NaN : differs ? sum / weights : first;
    }
}
