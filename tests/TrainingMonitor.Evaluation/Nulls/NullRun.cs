using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>One healthy run: trains the linear model with squared loss ½(w·x − y)² and fills in the steps that its trainer would have sent.</summary>
internal sealed class NullRun
{
    /// <summary>Names of the layers.</summary>
    public static readonly string[] Layers = ["first", "second", "third"];

    private static readonly int[] LayerEnd = [3, 6, NullData.Weights];
    private readonly NullFamily family;
    private readonly NullRandom random;
    private readonly NullData data;
    private readonly NullOptimizer optimizer;
    private readonly LagBook? lags;
    private readonly LossShape? shape;
    private readonly double[] weights = new double[NullData.Weights];
    private readonly double[] gradient = new double[NullData.Weights];
    private readonly double[] square = new double[NullData.Weights];
    private readonly double[] unit = new double[NullData.Weights];
    private readonly double[] checkpoint = new double[NullData.Weights];
    private readonly double[] terms = new double[NullData.Weights];
    private double first = double.NaN;
    private bool hasPrevious;

    public NullRun(NullFamily family, int seed)
    {
        this.family = family;
        random = new NullRandom(seed);
        data = new NullData(family, random);
        optimizer = new NullOptimizer(family);
        lags = family.TellsIds && family.ExactInterval > 0 && family.Sampling != SamplingScheme.Streaming ? new LagBook(family.Examples, optimizer.Momentum) : null;
        shape = family.Shape?.Invoke();
        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] = random.Normal();
        }
    }

    /// <summary>Whether the step is sent: pairs are thinned.</summary>
    public bool IsSent(int step) => family.PairInterval <= 1 || step % family.PairInterval <= 1;

    /// <summary>Trains one step and, where it is sent, fills it in.</summary>
    /// <param name="step">Number of the step in the stream.</param>
    /// <param name="elapsed">Steps trained in all: rewinds do not turn it back.</param>
    /// <param name="input">Filled.</param>
    public void Next(int step, int elapsed, StepInput input)
    {
        var rate = family.Rate * (family.Schedule?.Invoke((double)step / family.Steps) ?? 1);
        var ids = data.Next();
        var loss = Backward(ids, step);
        var sent = IsSent(step);
        if (sent)
        {
            Begin(input, step, ids.Length, rate, loss, elapsed);
            Gains(input, LayerStatistic.Cross, hasPrevious);
            Gradients(input, step);
        }

        optimizer.Step(gradient, rate);
        if (sent)
        {
            AfterUpdate(input, step);
        }

        for (var k = 0; k < weights.Length; k++)
        {
            weights[k] -= optimizer.Update[k];
        }

        hasPrevious = true;
    }

    /// <summary>Remembers the weights.</summary>
    public void Save() => weights.CopyTo(checkpoint, 0);

    /// <summary>Goes back to them.</summary>
    public void Restore()
    {
        checkpoint.CopyTo(weights, 0);
        hasPrevious = false;
    }

    private double Backward(ReadOnlySpan<int> ids, int step)
    {
        Array.Clear(gradient);
        Array.Clear(square);
        Array.Clear(unit);
        lags?.Begin();
        var loss = 0.0;
        for (var i = 0; i < ids.Length; i++)
        {
            var x = data.Input(ids[i]);
            var residual = -data.Target(ids[i]);
            for (var k = 0; k < x.Length; k++)
            {
                residual += weights[k] * x[k];
            }

            loss += 0.5 * residual * residual;
            var cross = 0.0;
            for (var k = 0; k < x.Length; k++)
            {
                var g = residual * x[k];
                gradient[k] += g;
                unit[k] += g;
                cross += g * optimizer.Update[k];
            }

            lags?.Add(ids[i], step, cross);
            if ((i + 1) % family.UnitSize == 0)
            {
                CloseUnit();
            }
        }

        lags?.End(ids, step);
        var units = ids.Length / family.UnitSize;
        for (var k = 0; k < gradient.Length; k++)
        {
            gradient[k] /= ids.Length;
            square[k] /= units;
        }

        return loss / ids.Length;
    }

    private void CloseUnit()
    {
        for (var k = 0; k < unit.Length; k++)
        {
            var mean = unit[k] / family.UnitSize;
            square[k] += mean * mean;
            unit[k] = 0;
        }
    }

    private void Begin(StepInput input, int step, int batch, double rate, double loss, int elapsed)
    {
        first = double.IsNaN(first) ? loss : first;
        input.Reset(Layers.Length);
        input.Step = step;
        input.TimeUnixNs = 1_000_000L * (elapsed + 1);
        input.BatchSize = batch;
        input.Flags = data.BeganEpoch && family.Sampling == SamplingScheme.Shuffled ? StepFlags.EpochSeam : StepFlags.None;
        input[StepValue.Loss] = shape?.Apply(loss, first, elapsed, data.Epoch, random) ?? loss;
        input[StepValue.LearningRate] = rate;
    }

    private void Gradients(StepInput input, int step)
    {
        for (var k = 0; k < terms.Length; k++)
        {
            terms[k] = gradient[k] * gradient[k];
        }

        Sum(input, LayerStatistic.GradSq, terms);
        if (IsExact(step))
        {
            input.UnitCount = input.BatchSize / family.UnitSize;
            input.UnitSize = family.UnitSize;
            Sum(input, LayerStatistic.ExampleGradSq, square);
        }

        if (lags is not null && hasPrevious && IsExact(step - (family.ExactInterval > 1 ? 1 : 0)))
        {
            input.HasLag = true;
            input.Lag = lags.Sums;
        }
    }

    private bool IsExact(int step) => family.SendsGradients && family.ExactInterval > 0 && step % family.ExactInterval == 0;

    private void AfterUpdate(StepInput input, int step)
    {
        Gains(input, LayerStatistic.Own, true);
        Sum(input, LayerStatistic.UpdateSq, Squares(optimizer.Update));
        Sum(input, LayerStatistic.WeightSq, Squares(weights));
        if (IsExact(step) && family.SendsGains)
        {
            for (var k = 0; k < terms.Length; k++)
            {
                terms[k] = optimizer.Gain[k] * square[k];
            }

            Sum(input, LayerStatistic.SelfSecondMoment, terms);
            for (var k = 0; k < terms.Length; k++)
            {
                terms[k] = optimizer.Gain[k] * gradient[k] * gradient[k];
            }

            Sum(input, LayerStatistic.SelfMeanSq, terms);
        }

        if (family.Optimizer == OptimizerKind.Adam)
        {
            Sum(input, LayerStatistic.RmsStaleness, optimizer.Staleness);
            var column = input.AddColumn(LayerStatistic.RmsStaleness);
            for (var layer = 0; layer < column.Length; layer++)
            {
                column[layer] = Math.Sqrt(column[layer] / (LayerEnd[layer] - (layer == 0 ? 0 : LayerEnd[layer - 1])));
            }
        }
    }

    private void Gains(StepInput input, LayerStatistic statistic, bool known)
    {
        if (!family.SendsGains || !known)
        {
            return;
        }

        for (var k = 0; k < terms.Length; k++)
        {
            terms[k] = gradient[k] * optimizer.Update[k];
        }

        Sum(input, statistic, terms);
    }

    private double[] Squares(double[] values)
    {
        for (var k = 0; k < terms.Length; k++)
        {
            terms[k] = values[k] * values[k];
        }

        return terms;
    }

    private static void Sum(StepInput input, LayerStatistic statistic, ReadOnlySpan<double> values)
    {
        var column = input.AddColumn(statistic);
        var k = 0;
        for (var layer = 0; layer < column.Length; layer++)
        {
            column[layer] = 0;
            for (; k < LayerEnd[layer]; k++)
            {
                column[layer] += values[k];
            }
        }
    }
}
