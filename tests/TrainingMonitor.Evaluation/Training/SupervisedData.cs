using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>A supervised data set. Held-out and validation examples come from the distribution that the training set comes from, its noise
/// included: that is the population a training set speaks of.</summary>
/// <param name="Inputs">Training inputs, examples first.</param>
/// <param name="Targets">Training targets: [n] int64 classes, or [n, 1] float32 values.</param>
/// <param name="HeldOutInputs">Held-out inputs, for the truth.</param>
/// <param name="HeldOutTargets">Held-out targets.</param>
/// <param name="CleanTargets">Held-out targets without noise, for the reader.</param>
/// <param name="ValidationInputs">What a user could spare: a twentieth of the training set's size.</param>
/// <param name="ValidationTargets">Its targets.</param>
internal sealed record SupervisedData(
    Tensor Inputs, Tensor Targets, Tensor HeldOutInputs, Tensor HeldOutTargets, Tensor CleanTargets, Tensor ValidationInputs, Tensor ValidationTargets)
{
    /// <summary>Training examples, n.</summary>
    public int Count => (int)Inputs.shape[0];

    /// <summary>Whether targets are classes.</summary>
    public bool IsClassification => Targets.dtype == ScalarType.Int64;

    /// <summary>Splits examples into training, validation (n/20) and held-out ones.</summary>
    public static SupervisedData Split(Tensor inputs, Tensor targets, Tensor cleanTargets, int trainExamples)
    {
        var validation = Math.Max(5, trainExamples / 20);
        var heldOut = trainExamples + validation;
        var all = inputs.shape[0];
        return new SupervisedData(
            inputs.slice(0, 0, trainExamples, 1),
            targets.slice(0, 0, trainExamples, 1),
            inputs.slice(0, heldOut, all, 1),
            targets.slice(0, heldOut, all, 1),
            cleanTargets.slice(0, heldOut, all, 1),
            inputs.slice(0, trainExamples, heldOut, 1),
            targets.slice(0, trainExamples, heldOut, 1));
    }

    /// <summary>Takes all parts out of the current dispose scope.</summary>
    public SupervisedData MoveToOuterScope()
    {
        foreach (var part in (Tensor[])[Inputs, Targets, HeldOutInputs, HeldOutTargets, CleanTargets, ValidationInputs, ValidationTargets])
        {
            part.MoveToOuterDisposeScope();
        }

        return this;
    }
}
