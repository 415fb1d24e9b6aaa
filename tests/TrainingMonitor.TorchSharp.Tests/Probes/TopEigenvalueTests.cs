using TrainingMonitor.TorchSharp.Probes;

namespace TrainingMonitor.TorchSharp.Tests.Probes;

/// <summary>Many samples of a population of small matrices, each with its eigenvalue, against the population's.</summary>
public sealed class TopEigenvalueTests
{
    private const int Size = 12;
    private const int Population = 400;
    private const int Parts = 8;

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    public void Takes_the_optimism_off_and_tells_the_spread(int sample)
    {
        // H_i = a_i a_i' with spread k^-0.2 along axis k: neighbours close enough that the sample's maximum is some percent too high.
        var random = new Random(3);
        var examples = Enumerable.Range(0, Population).Select(_ => Enumerable.Range(1, Size).Select(k => Normal(random) * Math.Pow(k, -0.2)).ToArray()).ToArray();
        var truth = Top(examples).Result.Value;
        const int Samples = 400;
        double plain = 0, corrected = 0, square = 0, variance = 0, covered = 0;
        for (var i = 0; i < Samples; i++)
        {
            random.Shuffle(examples);
            var drawn = examples[..sample];
            var space = Top(drawn);
            var vector = space.Pairs().First().Vector;
            var products = Enumerable.Range(0, Parts).Select(k => Product(drawn[(k * sample / Parts)..((k + 1) * sample / Parts)], vector)).ToList();
            var (value, error) = TopEigenvalue.Of(space, products, 1 - ((double)sample / Population));
            plain += space.Result.Value - truth;
            corrected += value - truth;
            square += (value - truth) * (value - truth);
            variance += error * error;
            covered += Math.Abs(value - truth) <= 1.645 * error ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"bias {plain / Samples / truth:0.0000} -> {corrected / Samples / truth:0.0000}, sd {Math.Sqrt(square / Samples) / truth:0.000}, said {Math.Sqrt(variance / Samples) / truth:0.000}, covered {covered / Samples:0.00}");
        var noise = Math.Sqrt(square / Samples / Samples);
        (plain / Samples).ShouldBeGreaterThan(5 * noise);
        Math.Abs(corrected / Samples).ShouldBeLessThan(0.5 * plain / Samples);
        Math.Sqrt(variance / square).ShouldBeInRange(0.7, 1.4);
        (covered / Samples).ShouldBeInRange(0.75, 0.99);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    public void A_few_iterations_with_all_examples_make_a_samples_eigenvalue_that_of_all(int sample)
    {
        var random = new Random(5);
        var examples = Enumerable.Range(0, Population).Select(_ => Enumerable.Range(1, Size).Select(k => Normal(random) / k).ToArray()).ToArray();
        var truth = Top(examples).Result.Value;
        double worst = 0, worstBefore = 0, covered = 0;
        const int Samples = 200;
        for (var i = 0; i < Samples; i++)
        {
            random.Shuffle(examples);
            var space = Top(examples[..sample]);
            var all = Lanczos.Run(space.SharpStart(), (x, y) => Product(examples, x).CopyTo(y, 0), 4, 1e-6);
            var (value, error) = TopEigenvalue.Of(all, [], 0);
            worst = Math.Max(worst, Math.Abs(value - truth) / truth);
            worstBefore = Math.Max(worstBefore, Math.Abs(space.Result.Value - truth) / truth);
            covered += Math.Abs(value - truth) <= 1.645 * error ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"worst {worstBefore:0.000} -> {worst:0.0000}, covered {covered / Samples:0.00}");
        worstBefore.ShouldBeGreaterThan(0.08);
        worst.ShouldBeLessThan(0.01);
        (covered / Samples).ShouldBeGreaterThan(0.9);
    }

    private static KrylovSpace Top(double[][] examples) => Lanczos.Run(Size, (x, y) => Product(examples, x).CopyTo(y, 0), Size, 1e-9, seed: 2);

    private static double[] Product(double[][] examples, double[] x)
    {
        var y = new double[Size];
        foreach (var a in examples)
        {
            var dot = a.Zip(x, (u, v) => u * v).Sum() / examples.Length;
            for (var k = 0; k < Size; k++)
            {
                y[k] += dot * a[k];
            }
        }

        return y;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
