namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Random numbers of mean zero and variance about one, by name of their law.</summary>
public static class Noise
{
    public static IEnumerable<double> Of(string law, int seed)
    {
        var random = new Random(seed);
        var previous = 0.0;
        while (true)
        {
            previous = law switch
            {
                "normal" => Normal(random),
                "student3" => Normal(random) / Math.Sqrt((Square(random) + Square(random) + Square(random)) / 3) / Math.Sqrt(3),
                "skewed up" => -Math.Log(1 - random.NextDouble()) - 1,
                "skewed down" => 1 + Math.Log(1 - random.NextDouble()),
                "growing scale" => Normal(random) * Math.Exp(3 * Math.Sin(previous)),
                "bursts" => random.Next(50) == 0 ? 7 * Normal(random) : 0.2 * Normal(random),
                "autocorrelated" => (0.4 * previous) + (Math.Sqrt(1 - 0.16) * Normal(random)),
                "anticorrelated" => (-0.4 * previous) + (Math.Sqrt(1 - 0.16) * Normal(random)),
                _ => throw new ArgumentOutOfRangeException(nameof(law), law, null),
            };
            yield return previous;
        }
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Square(Random random) => Math.Pow(Normal(random), 2);
}
