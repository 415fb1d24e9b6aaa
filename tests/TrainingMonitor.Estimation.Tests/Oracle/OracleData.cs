using System.Globalization;
using System.IO.Compression;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>Examples in memory: the first <see cref="TrainCount"/> are for training, the rest is held out.</summary>
public sealed record OracleData(double[][] Inputs, double[] Targets, int TrainCount)
{
    /// <summary>The UCI digits (1797 of 64 pixels, 10 classes), shuffled, standardized; a share <paramref name="noise"/> of all labels,
    /// held-out ones too, is replaced by a random class.</summary>
    public static OracleData Digits(double noise, int seed = 0, int trainCount = 1000)
    {
        using var stream = typeof(OracleData).Assembly.GetManifestResourceStream("digits.csv.gz")!;
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        var rows = new List<double[]>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && char.IsDigit(line[0]))
            {
                rows.Add([.. line.Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture))]);
            }
        }

        var random = new Random(seed);
        var order = rows.ToArray();
        random.Shuffle(order);
        var inputs = Standardize([.. order.Select(row => row[..64])]);
        var targets = order.Select(row => random.NextDouble() < noise ? random.Next(10) : row[64]).ToArray();
        return new OracleData(inputs, targets, trainCount);
    }

    /// <summary>Fresh examples labelled by a random two-layer teacher (32 inputs, 8 classes), a share of the labels random: for one pass.</summary>
    public static OracleData Teacher(int trainCount, double noise, int seed = 0, int heldOut = 1000)
    {
        var random = new Random(seed);
        var first = Matrix(64, 32, 1 / Math.Sqrt(32), random);
        var second = Matrix(8, 64, 3 / Math.Sqrt(64), random);
        var inputs = Matrix(trainCount + heldOut, 32, 1, random);
        var targets = inputs.Select(x =>
        {
            var hidden = first.Select(row => Math.Tanh(row.Zip(x, (a, b) => a * b).Sum())).ToArray();
            var scores = second.Select(row => row.Zip(hidden, (a, b) => a * b).Sum()).ToArray();
            return random.NextDouble() < noise ? random.Next(8) : Array.IndexOf(scores, scores.Max());
        });
        return new OracleData(inputs, [.. targets.Select(label => (double)label)], trainCount);
    }

    /// <summary>A linear target with noise, for squared loss.</summary>
    public static OracleData Linear(int trainCount, int features, double noise, int seed = 0, int heldOut = 200)
    {
        var random = new Random(seed);
        var truth = Matrix(1, features, 1 / Math.Sqrt(features), random)[0];
        var inputs = Matrix(trainCount + heldOut, features, 1, random);
        return new OracleData(inputs, [.. inputs.Select(x => x.Zip(truth, (a, b) => a * b).Sum() + (noise * Normal(random)))], trainCount);
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double[][] Matrix(int rows, int columns, double scale, Random random) =>
        [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns).Select(_ => scale * Normal(random)).ToArray())];

    private static double[][] Standardize(double[][] rows)
    {
        for (var j = 0; j < rows[0].Length; j++)
        {
            var mean = rows.Average(row => row[j] / 16);
            var deviation = Math.Sqrt(rows.Average(row => Math.Pow((row[j] / 16) - mean, 2)));
            foreach (var row in rows)
            {
                row[j] = ((row[j] / 16) - mean) / (deviation + 1e-3);
            }
        }

        return rows;
    }
}
