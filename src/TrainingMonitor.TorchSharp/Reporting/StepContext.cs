using TorchSharp;
using TrainingMonitor.Protocol.V1;
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
    public StepReport ToReport(long step, Tensor loss)
    {
        var values = new StepValues { Loss = loss.detach().ToDouble(), LearningRate = LearningRate };
        Set(Batch.Accuracy, v => values.Accuracy = v);
        Set(Batch.HeldOutLoss, v => values.HeldOutLoss = v);
        Set(Batch.HeldOutAccuracy, v => values.HeldOutAccuracy = v);
        Set(Batch.Tokens, v => values.Tokens = v);
        Set(Epoch, v => values.Epoch = v);
        Set(Samples, v => values.Samples = v);
        Set(Clip, v => values.ClipCoefficient = v);
        return new StepReport { Step = (ulong)step, LayerTableVersion = 1, PartCount = 1, Values = values, BatchSize = (uint)BatchSize, EpochSeam = Seam };
    }

    private static void Set(double? value, Action<double> set)
    {
        if (value is { } given)
        {
            set(given);
        }
    }
}
