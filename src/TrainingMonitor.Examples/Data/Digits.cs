using System.Globalization;
using System.IO.Compression;
using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Data;

/// <summary>The UCI digits, split into a training and a held-out part: 8×8 images, each pixel standardized with the training part's mean and spread.</summary>
/// <param name="TrainImages">[n, 64], float32.</param>
/// <param name="TrainLabels">[n], int64, 0–9; some replaced by random ones where asked for.</param>
/// <param name="HeldOutImages">[1797 − n, 64].</param>
/// <param name="HeldOutLabels">[1797 − n], never replaced.</param>
public sealed record Digits(Tensor TrainImages, Tensor TrainLabels, Tensor HeldOutImages, Tensor HeldOutLabels) : IDisposable
{
    private const int Pixels = 64;
    private const int Classes = 10;

    /// <summary>Reads and splits the data set beside the program.</summary>
    /// <param name="trainExamples">Training examples, n.</param>
    /// <param name="labelNoise">Share of labels that are replaced by a random class (which may be the right one), held-out ones too: nobody's validation set is cleaner than the rest of the data.</param>
    /// <param name="seed">Chooses the split and the replaced labels.</param>
    public static Digits Load(int trainExamples, double labelNoise, int seed)
    {
        var rows = ReadRows(Path.Combine(AppContext.BaseDirectory, "Data", "digits.csv.gz"));
        if (trainExamples < 1 || trainExamples >= rows.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(trainExamples), trainExamples, $"Must lie between 1 and {rows.Count - 1}.");
        }

        var random = new Random(seed);
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows));
        var labels = rows.Select(row => (long)row[Pixels]).ToArray();
        for (var i = 0; i < labels.Length; i++)
        {
            if (random.NextDouble() < labelNoise)
            {
                labels[i] = random.Next(Classes);
            }
        }

        var images = Standardize(rows, trainExamples);
        return new Digits(
            tensor(images[..(trainExamples * Pixels)], [trainExamples, Pixels]),
            tensor(labels[..trainExamples]),
            tensor(images[(trainExamples * Pixels)..], [rows.Count - trainExamples, Pixels]),
            tensor(labels[trainExamples..]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TrainImages.Dispose();
        TrainLabels.Dispose();
        HeldOutImages.Dispose();
        HeldOutLabels.Dispose();
    }

    private static List<byte[]> ReadRows(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var rows = new List<byte[]>(1797);
        while (reader.ReadLine() is { } line)
        {
            rows.Add(Array.ConvertAll(line.Split(','), field => byte.Parse(field, CultureInfo.InvariantCulture)));
        }

        return rows;
    }

    // Border pixels are almost always 0: the 0.1 (of 16) keeps them from being blown up.
    private static float[] Standardize(List<byte[]> rows, int trainExamples)
    {
        var images = new float[rows.Count * Pixels];
        for (var pixel = 0; pixel < Pixels; pixel++)
        {
            var train = rows.Take(trainExamples).Select(row => (double)row[pixel]).ToArray();
            var mean = train.Average();
            var spread = Math.Sqrt(train.Average(value => (value - mean) * (value - mean)));
            for (var row = 0; row < rows.Count; row++)
            {
                images[(row * Pixels) + pixel] = (float)((rows[row][pixel] - mean) / (spread + 0.1));
            }
        }

        return images;
    }
}
