using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>
/// A real training run in float64 whose every reported statistic is computed by brute force from per-example gradients. Use:
/// <code>
/// var trainer = new OracleTrainer(new OracleOptions { LearningRate = 1e-3 }, OracleData.Digits(noise: 0.4));
/// var analysis = new RunAnalysis(trainer.Configuration);
/// analysis.SetLayers(trainer.LayerNames);
/// for (var t = 0; t &lt; 1600; t++) { trainer.Next(); analysis.Apply(trainer.Step); }   // look at analysis.Findings, trainer.HeldOutLoss()
/// </code>
/// </summary>
public sealed class OracleTrainer
{
    private readonly OracleOptions options;
    private readonly OracleData data;
    private readonly BatchSampler sampler;
    private readonly OracleLayer[] layers;
    private readonly int[] batch;
    private readonly double[] crossByExample;
    private double[][]? weightsBefore;
    private long step;

    public OracleTrainer(OracleOptions options, OracleData data)
    {
        this.options = options;
        this.data = data;
        var full = options.Sampling == SamplingScheme.FullBatch;
        batch = new int[full ? data.TrainCount : options.BatchSize];
        crossByExample = new double[batch.Length];
        sampler = new BatchSampler(options.Sampling, data.TrainCount, batch.Length, options.Seed + 1);
        Network = new OracleNetwork([data.Inputs[0].Length, .. options.Hidden, options.Outputs], options.Loss, options.Seed + 2);
        layers = [.. Enumerable.Range(0, Network.LayerCount).Select(l => new OracleLayer(Network, l, options))];
        LayerNames = [.. Enumerable.Range(0, Network.LayerCount).Select(l => $"layer{l}")];
    }

    public OracleNetwork Network { get; }

    public string[] LayerNames { get; }

    /// <summary>The report of the last step made by <see cref="Next"/>.</summary>
    public StepInput Step { get; } = new();

    /// <summary>Examples of the last step.</summary>
    public ReadOnlySpan<int> Batch => batch;

    public int StepsPerEpoch => sampler.StepsPerEpoch;

    /// <summary>Loss of the last step's batch before the previous update minus after it, nats; NaN at the first step. Needs ExactGain.</summary>
    public double ExactGain { get; private set; } = double.NaN;

    public RunConfiguration Configuration => new()
    {
        Optimizer = options.Optimizer,
        LearningRate = options.LearningRate,
        Momentum = options.Momentum,
        Dampening = options.Dampening,
        Nesterov = options.Nesterov,
        Beta1 = options.Beta1,
        Beta2 = options.Beta2,
        Epsilon = options.Epsilon,
        WeightDecay = options.WeightDecay,
        DecoupledDecay = options.Optimizer == OptimizerKind.AdamW,
        UpdateIncludesDecay = !options.SeparateDecay,
        DatasetSize = options.Sampling == SamplingScheme.Streaming ? 0 : data.TrainCount,
        BatchSize = batch.Length,
        Sampling = options.Sampling,
        StepsPerEpoch = options.Sampling == SamplingScheme.Streaming ? 0 : sampler.StepsPerEpoch,
        PairInterval = 1,
        ExactInterval = 1,
    };

    /// <summary>Per-layer brute force of the last step.</summary>
    public OracleLayer Layer(int layer) => layers[layer];

    /// <summary>Mean loss over the training set, now.</summary>
    public double TrainLoss() => Evaluate(0, data.TrainCount).Loss;

    /// <summary>Mean loss over the held-out set, now.</summary>
    public double HeldOutLoss() => Evaluate(data.TrainCount, data.Inputs.Length - data.TrainCount).Loss;

    /// <summary>Loss and accuracy of a range of examples, now.</summary>
    public (double Loss, double Accuracy) Evaluate(int first, int count) => Network.Forward(data, [.. Enumerable.Range(first, count)]);

    /// <summary>Makes one optimizer step and fills <see cref="Step"/>.</summary>
    public void Next()
    {
        sampler.Next(batch);
        if (options.ExactGain && weightsBefore is not null)
        {
            ExactGain = LossAt(weightsBefore) - Network.Forward(data, batch).Loss;
        }

        var (loss, accuracy) = Network.Backward(data, batch);
        Step.Reset(layers.Length);
        Step.Step = step;
        Step.TimeUnixNs = 1_700_000_000_000_000_000 + (step * 1_000_000);
        Step.BatchSize = batch.Length;
        Step.UnitSize = options.UnitSize;
        Step.UnitCount = batch.Length / options.UnitSize;
        Step.Flags = StepFlags.Exact | (sampler.AtSeam ? StepFlags.EpochSeam : StepFlags.None);
        Step[StepValue.Loss] = loss;
        Step[StepValue.Accuracy] = options.Loss == OracleLoss.CrossEntropy ? accuracy : double.NaN;
        Step[StepValue.LearningRate] = options.LearningRate;
        Step[StepValue.ClipCoefficient] = 1;
        Step[StepValue.Epoch] = (double)step / sampler.StepsPerEpoch;
        Step[StepValue.Samples] = (double)(step + 1) * batch.Length;
        Step[StepValue.ZeroGradExamples] = Enumerable.Range(0, batch.Length).Count(i => TensorPrimitives.SumOfSquares(Network.Delta(layers.Length - 1, i)) == 0);

        Array.Clear(crossByExample);
        foreach (var layer in layers)
        {
            layer.Measure(batch.Length, crossByExample);
        }

        if (options.LagSums && step > 0)
        {
            FillLag();
        }

        sampler.Used(batch);
        if (options.ExactGain)
        {
            weightsBefore = [.. Network.Weights.Select(w => (double[])w.Clone())];
        }

        for (var l = 0; l < layers.Length; l++)
        {
            layers[l].Advance(Step, l, step > 0);
        }

        if (options.HeldOutInterval > 0 && step % options.HeldOutInterval == 0)
        {
            (Step[StepValue.HeldOutLoss], Step[StepValue.HeldOutAccuracy]) = Evaluate(data.TrainCount, data.Inputs.Length - data.TrainCount);
        }

        step++;
    }

    private double LossAt(double[][] weights)
    {
        for (var l = 0; l < weights.Length; l++)
        {
            (Network.Weights[l], weights[l]) = (weights[l], Network.Weights[l]);
        }

        var loss = Network.Forward(data, batch).Loss;
        for (var l = 0; l < weights.Length; l++)
        {
            (Network.Weights[l], weights[l]) = (weights[l], Network.Weights[l]);
        }

        return loss;
    }

    private void FillLag()
    {
        var momentum = Configuration.EffectiveMomentum;
        double cross = 0, z = 0, crossZ = 0, zSq = 0, crossSq = 0;
        for (var i = 0; i < batch.Length; i++)
        {
            var overlap = sampler.Overlap(batch[i], momentum);
            cross += crossByExample[i];
            z += overlap;
            crossZ += crossByExample[i] * overlap;
            zSq += overlap * overlap;
            crossSq += crossByExample[i] * crossByExample[i];
        }

        Step.HasLag = true;
        Step.Lag = new LagSums(batch.Length, cross, z, crossZ, zSq, crossSq);
    }
}
