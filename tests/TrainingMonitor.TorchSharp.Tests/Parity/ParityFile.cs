using System.Text.Json;

namespace TrainingMonitor.TorchSharp.Tests.Parity;

/// <summary>tests/parity/steps.json: one training as the PyTorch client saw it, with its weights and batches (src/python/tests/watching/parity.py makes it).</summary>
internal static class ParityFile
{
    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Training Read() => Read<Training>("steps.json");

    /// <summary>Another file of that folder.</summary>
    public static T Read<T>(string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path("tests", "parity", name)), Names)!;

    /// <summary>A file of the repository.</summary>
    public static string Path(params ReadOnlySpan<string> parts)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(folder, "Monitor.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return System.IO.Path.Combine([folder, .. parts]);
    }

    internal sealed record Training(float[][] Inputs, long[] Labels, long[][] Batches, float[][] Weights, Dictionary<string, Step[]> Runs);

    internal sealed record Step(double Loss, Dictionary<string, double?[]> Columns, Lag? Lag);

    internal sealed record Lag(double Count, double SumCross, double SumZ, double SumCrossZ, double SumZSq, double SumCrossSq);
}
