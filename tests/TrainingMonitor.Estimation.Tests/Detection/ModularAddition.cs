using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Full-batch modular addition, one hidden ReLU layer on two one-hot inputs, AdamW; reports ‖ḡ‖² and mean ‖g_i‖² exactly.
/// The setting that groks in a few hundred steps: lr 0.01, betas (0.9, 0.98), weight decay 2, half of all pairs.</summary>
public sealed class ModularAddition
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.98f;
    private readonly int p;
    private readonly int hidden;
    private readonly float rate;
    private readonly float decay;
    private readonly (int A, int B, int Y)[] train;
    private readonly (int A, int B, int Y)[] held;
    private readonly float[] first;
    private readonly float[] second;
    private readonly float[][] moments;
    private readonly float[] firstGradient;
    private readonly float[] secondGradient;
    private readonly float[] activation;
    private readonly float[] logits;
    private readonly float[] backward;
    private int step;

    public ModularAddition(int p, double share, double decay, int seed, bool randomLabels = false, int hidden = 128, double rate = 0.01)
    {
        (this.p, this.hidden, this.rate, this.decay) = (p, hidden, (float)rate, (float)decay);
        var random = new Random(seed);
        var pairs = Enumerable.Range(0, p * p).Select(i => (i / p, i % p, randomLabels ? random.Next(p) : ((i / p) + (i % p)) % p)).ToArray();
        random.Shuffle(pairs);
        var count = (int)(share * pairs.Length);
        (train, held) = (pairs[..count], pairs[count..]);
        first = [.. Enumerable.Range(0, 2 * p * hidden).Select(_ => (float)(Noise.Normal(random) / Math.Sqrt(2 * p)))];
        second = [.. Enumerable.Range(0, p * hidden).Select(_ => (float)(Noise.Normal(random) / Math.Sqrt(hidden)))];
        moments = [new float[first.Length], new float[first.Length], new float[second.Length], new float[second.Length]];
        (firstGradient, secondGradient) = (new float[first.Length], new float[second.Length]);
        (activation, logits, backward) = (new float[hidden], new float[p], new float[hidden]);
    }

    public StepInput Step { get; } = new();

    public RunConfiguration Configuration => new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = rate,
        Beta1 = Beta1,
        Beta2 = Beta2,
        WeightDecay = decay,
        DecoupledDecay = true,
        DatasetSize = train.Length,
        BatchSize = train.Length,
        Sampling = SamplingScheme.FullBatch,
        StepsPerEpoch = 1,
    };

    public void Next()
    {
        Array.Clear(firstGradient);
        Array.Clear(secondGradient);
        double loss = 0, right = 0, examples = 0;
        foreach (var example in train)
        {
            var (exampleLoss, hit) = Forward(example);
            loss += exampleLoss;
            right += hit ? 1 : 0;
            examples += Backward(example);
        }

        Report(loss / train.Length, right / train.Length, examples / train.Length);
        step++;
        Update(first, firstGradient, moments[0], moments[1]);
        Update(second, secondGradient, moments[2], moments[3]);
    }

    public double HeldOutAccuracy() => held.Average(example => Forward(example).Hit ? 1.0 : 0.0);

    private Span<float> Row(float[] matrix, int row) => matrix.AsSpan(row * hidden, hidden);

    private (double Loss, bool Hit) Forward((int A, int B, int Y) example)
    {
        TensorPrimitives.Add(Row(first, example.A), Row(first, p + example.B), activation);
        TensorPrimitives.Max(activation, 0f, activation);
        for (var c = 0; c < p; c++)
        {
            logits[c] = TensorPrimitives.Dot<float>(Row(second, c), activation);
        }

        var hit = TensorPrimitives.IndexOfMax<float>(logits) == example.Y;
        TensorPrimitives.SoftMax<float>(logits, logits);
        return (-Math.Log(Math.Max(logits[example.Y], 1e-38)), hit);
    }

    // After Forward of the same example: adds its gradient and gives its squared norm.
    private double Backward((int A, int B, int Y) example)
    {
        logits[example.Y] -= 1;
        Array.Clear(backward);
        for (var c = 0; c < p; c++)
        {
            TensorPrimitives.MultiplyAdd(Row(second, c), logits[c], backward, backward);
            var gradient = Row(secondGradient, c);
            TensorPrimitives.MultiplyAdd<float>(activation, logits[c] / train.Length, gradient, gradient);
        }

        for (var k = 0; k < hidden; k++)
        {
            backward[k] = activation[k] > 0 ? backward[k] : 0;
        }

        foreach (var row in (ReadOnlySpan<int>)[example.A, p + example.B])
        {
            var gradient = Row(firstGradient, row);
            TensorPrimitives.MultiplyAdd<float>(backward, 1f / train.Length, gradient, gradient);
        }

        double output = TensorPrimitives.SumOfSquares<float>(logits), input = TensorPrimitives.SumOfSquares<float>(activation);
        return (output * input) + (2.0 * TensorPrimitives.SumOfSquares<float>(backward));
    }

    private void Report(double loss, double accuracy, double meanSquare)
    {
        Step.Reset(1);
        Step.Step = step;
        Step.TimeUnixNs = step + 1;
        Step.BatchSize = train.Length;
        Step.UnitCount = train.Length;
        Step.Flags = StepFlags.Exact;
        Step[StepValue.Loss] = loss;
        Step[StepValue.Accuracy] = accuracy;
        Step[StepValue.LearningRate] = rate;
        Step.AddColumn(LayerStatistic.GradSq)[0] = (double)TensorPrimitives.SumOfSquares<float>(firstGradient) + TensorPrimitives.SumOfSquares<float>(secondGradient);
        Step.AddColumn(LayerStatistic.ExampleGradSq)[0] = meanSquare;
    }

    private void Update(float[] weights, float[] gradient, float[] m, float[] v)
    {
        double one = 1 - Math.Pow(Beta1, step), two = 1 - Math.Pow(Beta2, step);
        var scale = (float)(rate / one);
        for (var k = 0; k < weights.Length; k++)
        {
            m[k] = (Beta1 * m[k]) + ((1 - Beta1) * gradient[k]);
            v[k] = (Beta2 * v[k]) + ((1 - Beta2) * gradient[k] * gradient[k]);
            weights[k] = (weights[k] * (1 - (rate * decay))) - (scale * m[k] / ((float)Math.Sqrt(v[k] / two) + 1e-8f));
        }
    }
}
