using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp;

/// <summary>What is known of the batch of one step. Everything may be left out.</summary>
public sealed record BatchInfo
{
    /// <summary>Nothing known.</summary>
    public static BatchInfo None { get; } = new();

    /// <summary>Index in the training set of each example of the batch, in batch order. Give them at every step: the lag since an example was
    /// last seen is what separates learning from recall.</summary>
    public ReadOnlyMemory<long> ExampleIds { get; init; }

    /// <summary>Examples in this batch; 0: as in the options.</summary>
    public int Size { get; init; }

    /// <summary>Training accuracy of the batch, 0 to 1.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Held-out loss measured just before this step, for the reader only: no detector uses it. Sent even where the step is not due.</summary>
    public double? HeldOutLoss { get; init; }

    /// <summary>Held-out accuracy, for the reader only.</summary>
    public double? HeldOutAccuracy { get; init; }

    /// <summary>The network's outputs on this batch, logits [b, C], for <see cref="WatchOptions.Canaries"/>; they are read, not kept.</summary>
    public Tensor? Outputs { get; init; }

    /// <summary>The targets the loss was computed with, classes [b], for <see cref="WatchOptions.Canaries"/>.</summary>
    public Tensor? Targets { get; init; }

    /// <summary>Tokens in the batch.</summary>
    public double? Tokens { get; init; }

    /// <summary>Fractional epoch; default: from n and b.</summary>
    public double? Epoch { get; init; }

    /// <summary>True for the first batch of an epoch; default: from n and b, where known and drawn by shuffling or in order.</summary>
    public bool? FirstOfEpoch { get; init; }

    /// <summary>Computes this batch's loss again with the current weights, without backward: for batch sharpness and the next batch's exact gain.
    /// Called at probe steps only.</summary>
    public Func<Tensor>? Reevaluate { get; init; }
}
