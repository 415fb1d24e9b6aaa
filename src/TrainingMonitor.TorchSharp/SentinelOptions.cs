using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.TorchSharp;

/// <summary>How examples are withheld in turn, and how often the loss on them is looked at.</summary>
public sealed record SentinelOptions
{
    /// <summary>Share of the data set that is withheld at a time.</summary>
    [Range(1e-6, 0.5)]
    public double Share { get; init; } = 0.05;

    /// <summary>Slices that are withheld at a time: one is released and another withheld at each turn, so that the last of the first ones stays fresh for as many turns.</summary>
    [Range(1, 100)]
    public int Slices { get; init; } = 5;

    /// <summary>Epochs between two turns; 0: <see cref="PlannedEpochs"/>/(<see cref="Slices"/> + 1), which leaves the last sixth of the run without fresh sentinels; 5 where that is not known either.</summary>
    [Range(0, int.MaxValue)]
    public int EpochsATurn { get; init; }

    /// <summary>Epochs of the whole run; 0: unknown.</summary>
    [Range(0, int.MaxValue)]
    public int PlannedEpochs { get; init; }

    /// <summary>Steps between two looks; 0: about an epoch, 100 where its length is not known.</summary>
    [Range(0, int.MaxValue)]
    public int Interval { get; init; }

    /// <summary>Most examples looked at: the same ones for as long as they are withheld.</summary>
    [Range(2, 1_000_000)]
    public int MostExamples { get; init; } = 1000;

    /// <summary>Examples a call of the loss.</summary>
    [Range(1, 1_000_000)]
    public int ChunkSize { get; init; } = 256;
}
