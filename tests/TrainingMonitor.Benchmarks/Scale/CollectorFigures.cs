using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>What a garbage collector has done.</summary>
/// <param name="Allocated">Bytes.</param>
/// <param name="Paused">Seconds that it stopped all threads.</param>
/// <param name="Young">Collections, those of higher generations included.</param>
/// <param name="Middle">Of generation 1 and 2.</param>
/// <param name="Full">Of generation 2.</param>
internal sealed record CollectorFigures(double Allocated, double Paused, double Young, double Middle, double Full)
{
    /// <summary>Since an earlier reading.</summary>
    public static CollectorFigures operator -(CollectorFigures later, CollectorFigures earlier) => new(
        later.Allocated - earlier.Allocated, later.Paused - earlier.Paused, later.Young - earlier.Young, later.Middle - earlier.Middle, later.Full - earlier.Full);

    /// <summary>Reads the words in which a process tells them.</summary>
    public static CollectorFigures Parse(string[] words)
    {
        var numbers = Array.ConvertAll(words, word => double.Parse(word, CultureInfo.InvariantCulture));
        return new CollectorFigures(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }
}
