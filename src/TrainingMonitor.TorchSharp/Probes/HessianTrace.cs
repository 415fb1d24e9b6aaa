using System.Numerics.Tensors;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Hutchinson's estimate of a trace: the mean of vᵀAv over vectors of random signs.</summary>
internal static class HessianTrace
{
    /// <summary>The mean and its standard error.</summary>
    public static (double Mean, double StandardError) Estimate(int size, Action<double[], double[]> product, int vectors, int seed)
    {
        var random = new Random(seed);
        double[] v = new double[size], w = new double[size], values = new double[vectors];
        for (var k = 0; k < vectors; k++)
        {
            for (var i = 0; i < size; i++)
            {
                v[i] = random.Next(2) == 0 ? -1 : 1;
            }

            product(v, w);
            values[k] = TensorPrimitives.Dot<double>(v, w);
        }

        var mean = values.Average();
        var variance = vectors > 1 ? values.Sum(x => (x - mean) * (x - mean)) / (vectors - 1) : double.NaN;
        return (mean, Math.Sqrt(variance / vectors));
    }
}
