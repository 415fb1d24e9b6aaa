using TrainingMonitor.Evaluation.Training;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>Healthy data in an order that makes losses uneven.</summary>
internal static class Arrangements
{
    /// <summary>Examples sorted by their class: taken in order, the loss jumps at every new class.</summary>
    public static SupervisedData SortedByClass(SupervisedData data)
    {
        using var scope = NewDisposeScope();
        return Reorder(data, data.Targets.argsort(), data.Targets);
    }

    /// <summary>Every so many batches one whose labels are wrong: taken in order, its loss is many times that of its neighbours.</summary>
    public static SupervisedData WithHardBatches(SupervisedData data, int batchSize, int every)
    {
        using var scope = NewDisposeScope();
        var targets = data.Targets.clone();
        var classes = targets.max() + 1;
        for (var from = (every - 1) * batchSize; from < data.Count; from += every * batchSize)
        {
            var part = targets.slice(0, from, Math.Min(data.Count, from + batchSize), 1);
            part.copy_((part + 1).remainder(classes));
        }

        return Reorder(data, arange(data.Count, ScalarType.Int64), targets);
    }

    private static SupervisedData Reorder(SupervisedData data, Tensor order, Tensor targets)
    {
        var made = data with { Inputs = data.Inputs[order], Targets = targets[order] };
        made.Inputs.MoveToOuterDisposeScope();
        made.Targets.MoveToOuterDisposeScope();
        return made;
    }
}
