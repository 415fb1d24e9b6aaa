using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Benchmarks.Influx;

/// <summary>Writes of a run with 100 layers as a run actor makes them: run-level points with half of the series, and layer windows.</summary>
internal static class InfluxWrites
{
    private const int Layers = 100;
    private static readonly string[] Names = [.. Enumerable.Range(0, Layers).Select(i => $"model.layers.{i / 4}.mlp.{i % 4}.weight")];

    /// <summary>Run-level points of so many steps.</summary>
    public static RunWrites Points(string runId, int firstStep, int count, Random random) => new(runId, firstStep + count)
    {
        Project = "benchmark",
        Points = [.. Enumerable.Range(firstStep, count).Select(step => new RunPoint(0, 0, step, Time(step), Values(random), 0))],
    };

    /// <summary>Windows of 16 steps, every layer and series.</summary>
    public static RunWrites Windows(string runId, int firstStep, int count, Random random) => new(runId, firstStep + (16 * count))
    {
        Project = "benchmark",
        Blocks = [.. Enumerable.Range(0, count).Select(i => Window(firstStep + (16 * i), random))],
    };

    private static double[] Values(Random random)
    {
        var values = new double[SeriesCatalog.RunCount];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = i % 2 == 0 ? random.NextDouble() : double.NaN;
        }

        return values;
    }

    private static LayerBlock Window(int step, Random random)
    {
        var size = SeriesCatalog.LayerCount * Layers;
        var (count, mean) = (new int[size], new float[size]);
        Array.Fill(count, 16);
        for (var i = 0; i < size; i++)
        {
            mean[i] = random.NextSingle();
        }

        return new LayerBlock(
            0, 0, step, 16, step + 15, Time(step), 1, Names, count, new int[size], [.. mean.Select(m => m * 0.9f)], [.. mean.Select(m => m * 1.1f)], mean, [.. mean.Select(m => m * 1.05f)]);
    }

    private static long Time(int step) => 1_700_000_000_000_000_000 + (step * 10_000_000L);
}
