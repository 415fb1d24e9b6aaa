using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Native;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Reporting;

/// <summary>The values of one step that come from the user and from counting.</summary>
/// <param name="Batch">What the user said.</param>
/// <param name="BatchSize">Examples b; 0: unknown.</param>
/// <param name="Seam">First batch of an epoch that is not the first.</param>
/// <param name="LearningRate">η.</param>
/// <param name="Epoch">Fractional epoch; null: unknown.</param>
/// <param name="Samples">Examples seen before this step; null: unknown.</param>
/// <param name="Clip">Factor of clipping; null: unknown.</param>
internal readonly record struct StepContext(
    BatchInfo Batch, long BatchSize, bool Seam, double LearningRate, double? Epoch, double? Samples, double? Clip)
{
    /// <summary>Held-out values are sent even where nothing else is due.</summary>
    public bool HasHeldOut => Batch.HeldOutLoss is not null || Batch.HeldOutAccuracy is not null;

    /// <summary>A report with these values and no column.</summary>
    public StepReport ToReport(long step, Tensor loss, uint layerTable)
    {
        // Written out: a helper with lambdas would allocate for each of them.
        var values = new StepValues { Loss = TensorMemory.Scalar(loss), LearningRate = LearningRate };
        if (Batch.Accuracy is { } accuracy)
        {
            values.Accuracy = accuracy;
        }

        if (Batch.HeldOutLoss is { } heldOutLoss)
        {
            values.HeldOutLoss = heldOutLoss;
        }

        if (Batch.HeldOutAccuracy is { } heldOutAccuracy)
        {
            values.HeldOutAccuracy = heldOutAccuracy;
        }

        if (Batch.Tokens is { } tokens)
        {
            values.Tokens = tokens;
        }

        if (Epoch is { } epoch)
        {
            values.Epoch = epoch;
        }

        if (Samples is { } samples)
        {
            values.Samples = samples;
        }

        if (Clip is { } clip)
        {
            values.ClipCoefficient = clip;
        }

        return new StepReport { Step = (ulong)step, LayerTableVersion = layerTable, PartCount = 1, Values = values, BatchSize = (uint)BatchSize, EpochSeam = Seam };
    }
}
