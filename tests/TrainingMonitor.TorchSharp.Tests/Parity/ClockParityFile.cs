using System.Text.Json;

namespace TrainingMonitor.TorchSharp.Tests.Parity;

/// <summary>tests/parity/clocks.json: canaries and sentinels as the PyTorch client makes and reads them (src/python/tests/clocks/parity.py).</summary>
internal static class ClockParityFile
{
    public static Content Read() => ParityFile.Read<Content>("clocks.json");

    internal sealed record Content(Chosen[] Canaries, Dealt[] Sentinels, Training Run);

    internal sealed record Chosen(long DatasetSize, int Classes, int Seed, double Share, long[] Ids, long[] Labels);

    internal sealed record Dealt(long DatasetSize, double Share, int Slices, int EpochsATurn, int Seed, int MostExamples, Epoch[] Epochs);

    internal sealed record Epoch(long Number, long[] Fresh, long[] Seen, int Kept);

    internal sealed record Training(float[][] Inputs, long[] Labels, float[][] Weights, long[][][] Epochs, Step[] Steps);

    internal sealed record Step(Dictionary<string, JsonElement>? Canaries, Dictionary<string, double>? Sentinels);
}
