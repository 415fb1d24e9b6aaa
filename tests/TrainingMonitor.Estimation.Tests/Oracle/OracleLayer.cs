using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>Every statistic of one layer, from the explicit gradient of each unit (an example, or a microbatch).</summary>
public sealed class OracleLayer(OracleNetwork network, int layer, OracleOptions options)
{
    private readonly int inputs = network.Sizes[layer];
    private readonly int outputs = network.Sizes[layer + 1];
    private readonly double[] mean = new double[network.Weights[layer].Length];
    private readonly double[] second = new double[network.Weights[layer].Length];
    private readonly double[] unit = new double[network.Weights[layer].Length];
    private readonly OracleOptimizer optimizer = new(options, network.Weights[layer].Length);
    private int units;

    /// <summary>ḡ.</summary>
    public ReadOnlySpan<double> Mean => mean;

    /// <summary>Mean over units of g_ik².</summary>
    public ReadOnlySpan<double> Second => second;

    public OracleOptimizer Optimizer => optimizer;

    /// <summary>Sums over the units of the batch; adds each example's ⟨g_i, u_{t−1}⟩ to <paramref name="crossByExample"/>.</summary>
    public void Measure(int batch, double[] crossByExample)
    {
        units = batch / options.UnitSize;
        Array.Clear(mean);
        Array.Clear(second);
        for (var u = 0; u < units; u++)
        {
            Array.Clear(unit);
            for (var i = u * options.UnitSize; i < (u + 1) * options.UnitSize; i++)
            {
                AddExample(i, 1.0 / options.UnitSize);
                crossByExample[i] += Project(i);
            }

            TensorPrimitives.Add(mean, unit, mean);
            TensorPrimitives.MultiplyAdd(unit, unit, second, second);
        }

        TensorPrimitives.Multiply(mean, 1.0 / units, mean);
        TensorPrimitives.Multiply(second, 1.0 / units, second);
    }

    /// <summary>Makes the optimizer's step and writes the columns.</summary>
    public void Advance(StepInput step, int index, bool hasPrevious)
    {
        var weights = network.Weights[layer];
        void Set(LayerStatistic statistic, double value) => step.AddColumn(statistic)[index] = value;

        double Dot(double[] update, double[] decay) =>
            TensorPrimitives.Dot(mean, update) - (options.SeparateDecay ? TensorPrimitives.Dot(mean, decay) : 0);

        if (hasPrevious)
        {
            Set(LayerStatistic.Cross, Dot(optimizer.Update, optimizer.Decay));
            Set(LayerStatistic.DecayCross, TensorPrimitives.Dot(mean, optimizer.Decay));
            if (optimizer.IsAdam)
            {
                var staleness = Enumerable.Range(0, mean.Length).Average(k => optimizer.Second[k] > 0 ? mean[k] * mean[k] / optimizer.SecondHat(k) : 0);
                Set(LayerStatistic.RmsStaleness, Math.Sqrt(staleness));
            }
        }

        Set(LayerStatistic.WeightSq, TensorPrimitives.SumOfSquares(weights));
        Set(LayerStatistic.GradDotWeight, TensorPrimitives.Dot(mean, weights));
        optimizer.Step(weights, mean);
        Set(LayerStatistic.GradSq, TensorPrimitives.SumOfSquares(mean));
        Set(LayerStatistic.ExampleGradSq, TensorPrimitives.Sum<double>(second));
        Set(LayerStatistic.Own, Dot(optimizer.Update, optimizer.Decay));
        Set(LayerStatistic.DecayOwn, TensorPrimitives.Dot(mean, optimizer.Decay));
        Set(LayerStatistic.SelfSecondMoment, TensorPrimitives.Dot(optimizer.Gain, second));
        TensorPrimitives.Multiply(mean, mean, unit);
        Set(LayerStatistic.SelfMeanSq, TensorPrimitives.Dot(optimizer.Gain, unit));
        Set(LayerStatistic.UpdateSq, TensorPrimitives.SumOfSquares(optimizer.Update));
        Set(LayerStatistic.MomentumSq, TensorPrimitives.SumOfSquares(optimizer.First));
        Set(LayerStatistic.NonFinite, mean.Count(g => !double.IsFinite(g)));
        CountGate(Set);
    }

    private void CountGate(Action<LayerStatistic, double> set)
    {
        double open = 0, total = 0, openProxy = 0, totalProxy = 0;
        var one = 1 - Math.Pow(options.Beta1, optimizer.Steps);
        var two = 1 - Math.Pow(options.Beta2, optimizer.Steps);
        for (var k = 0; k < mean.Length; k++)
        {
            var squared = mean[k] * mean[k];
            var variance = second[k] - squared;
            total += variance > 0 ? 1 : 0;
            open += variance > 0 && squared > variance / (units - 1) ? 1 : 0;
            var moment = optimizer.First[k] / one;
            var hat = optimizer.Second[k] / two;
            totalProxy += hat > 0 ? 1 : 0;
            openProxy += hat > 0 && moment * moment > hat - (moment * moment) ? 1 : 0;
        }

        set(LayerStatistic.GateOpen, open);
        set(LayerStatistic.GateTotal, total);
        if (optimizer.IsAdam)
        {
            set(LayerStatistic.SecondMomentSum, TensorPrimitives.Sum<double>(optimizer.Second));
            set(LayerStatistic.GateOpenProxy, openProxy);
            set(LayerStatistic.GateTotalProxy, totalProxy);
        }
    }

    private void AddExample(int example, double share)
    {
        var delta = network.Delta(layer, example);
        var activation = network.Activation(layer, example);
        for (var o = 0; o < outputs; o++)
        {
            if (delta[o] != 0)
            {
                var row = unit.AsSpan(o * inputs, inputs);
                TensorPrimitives.MultiplyAdd(activation, delta[o] * share, row, row);
            }
        }
    }

    private double Project(int example)
    {
        var delta = network.Delta(layer, example);
        var activation = network.Activation(layer, example);
        double sum = 0;
        for (var o = 0; o < outputs; o++)
        {
            if (delta[o] != 0)
            {
                sum += delta[o] * TensorPrimitives.Dot(optimizer.Update.AsSpan(o * inputs, inputs), activation);
            }
        }

        return sum;
    }
}
