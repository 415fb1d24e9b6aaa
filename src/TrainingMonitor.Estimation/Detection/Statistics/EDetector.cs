using System.Numerics;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Statistics;

/// <summary>Sequential change detector by betting: a mixture of Shiryaev–Roberts e-detectors over a few bet sizes.
/// Fed with x whose conditional mean given the past is at most 0 before the change, in units of a scale known beforehand, it crosses a
/// threshold A after at least A inputs on average, whatever else the law of x is (no independence, no normality, no asymptotics):
/// E[M_t | past] ≤ M_{t−1} + 1, so M_t − t is a supermartingale (Shin, Ramdas and Rinaldo, arXiv:2203.03532).</summary>
/// <remarks>x is cut to [<see cref="Lowest"/>, <see cref="Highest"/>]. The cut above only lowers the mean, which keeps the promise. The cut below
/// raises it where a law has a heavy lower tail; the statistic the promise holds for is the cut one.</remarks>
public sealed class EDetector
{
    /// <summary>Inputs below are raised to it: the largest bet then keeps its stake positive (1 − 0.32·3 &gt; 0).</summary>
    public const double Lowest = -3;

    /// <summary>Inputs above are lowered to it, so that no single input decides.</summary>
    public const double Highest = 2;

    /// <summary>The statistic stops growing there, so that it can come back in a reasonable time.</summary>
    private const double Cap = 1e9;

    // Log-spaced: a bet λ is best for a mean of about λ standard deviations; 0.03 … 0.32 covers a change of a third of a
    // standard deviation and more at a cost of ln 4 nats over the best of them.
    private static readonly double[] Bets = [0.03, 0.08, 0.16, 0.32];

    /// <summary>Number of bets, for those who keep the wealth of many detectors in arrays of their own.</summary>
    public const int BetCount = 4;

    private readonly double[] wealth = new double[BetCount];

    /// <summary>The mixture statistic M.</summary>
    public double Value { get; private set; }

    /// <summary>ln M, nats of evidence.</summary>
    public double LogValue => Math.Log(Math.Max(Value, double.Epsilon));

    /// <summary>Takes one input.</summary>
    public void Add(double x)
    {
        var sum = 0.0;
        for (var i = 0; i < wealth.Length; i++)
        {
            wealth[i] = Next(wealth[i], i, x);
            sum += wealth[i];
        }

        Value = sum / wealth.Length;
    }

    /// <summary>The wealth of a bet after an input.</summary>
    public static double Next(double wealth, int bet, double x) => Math.Min(Cap, (1 + wealth) * (1 + (Bets[bet] * Math.Clamp(x, Lowest, Highest))));

    /// <summary>The wealth of a bet of many detectors after an input each, element by element as <see cref="Next(double, int, double)"/>; NaN is no input.</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static void Next(Span<double> wealth, int bet, ReadOnlySpan<double> x)
    {
        if (wealth.Length != x.Length)
        {
            throw new ArgumentException($"{x.Length} inputs for {wealth.Length} detectors.", nameof(x));
        }

        var (lowest, highest, cap) = (new Vector<double>(Lowest), new Vector<double>(Highest), new Vector<double>(Cap));
        var i = 0;
        for (; i <= x.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector<double> input = new(x[i..]), old = new(wealth[i..]);
            var cut = Vector.Min(Vector.Max(input, lowest), highest);
            var next = Vector.Min(cap, (Vector<double>.One + old) * (Vector<double>.One + (cut * Bets[bet])));
            Vector.ConditionalSelect(Vector.Equals(input, input), next, old).CopyTo(wealth[i..]);
        }

        for (; i < x.Length; i++)
        {
            wealth[i] = double.IsNaN(x[i]) ? wealth[i] : Next(wealth[i], bet, x[i]);
        }
    }

    /// <summary>Starts again.</summary>
    public void Reset()
    {
        Array.Clear(wealth);
        Value = 0;
    }

    /// <summary>Writes the state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(wealth);
        writer.Write(Value);
    }

    /// <summary>Reads it back.</summary>
    /// <exception cref="InvalidDataException">Damaged.</exception>
    public void Load(ref StateReader reader)
    {
        reader.Read(wealth);
        Value = reader.ReadDouble();
    }
}
