using TrainingMonitor.Examples.Data;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Jobs;

/// <summary>One hidden layer, full batch, AdamW with strong weight decay.</summary>
internal static class ModularAdditionTraining
{
    /// <summary>Long enough to generalize with every seed tried.</summary>
    public const int Steps = 11000;

    private const int Modulus = 59;
    private const int Hidden = 200;
    private const double TrainShare = 0.4;
    private const int HeldOutInterval = 10;

    /// <summary>Trains.</summary>
    public static void Run(JobContext context, bool randomLabels)
    {
        using var data = ModularAddition.Create(Modulus, TrainShare, randomLabels, context.Seed);
        using var model = nn.Sequential(
            ("hidden", nn.Linear(2 * Modulus, Hidden)),
            ("relu", nn.ReLU()),
            ("output", nn.Linear(Hidden, Modulus)));
        using var optimizer = optim.AdamW(model.parameters(), lr: 0.004, beta1: 0.9, beta2: 0.98, weight_decay: 2);

        // Monitor: start watching. Full batch: the LOO ratio is the signal, so exact sums at every second step.
        var examples = (int)data.TrainSums.shape[0];
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions
        {
            Client = context.Client,
            DatasetSize = examples,
            BatchSize = examples,
            Sampling = SamplingScheme.FullBatch,
            PlannedSteps = context.Steps,
            PairInterval = 1,
            ExactInterval = 2,
        });

        for (var step = 0; context.Continues(step, watch); step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var logits = model.call(data.TrainPairs);
            var loss = nn.functional.cross_entropy(logits, data.TrainSums);
            loss.backward();

            var accuracy = Evaluation.AccuracyOf(logits, data.TrainSums);
            var heldOut = step % HeldOutInterval == 0 ? Evaluation.Of(model, data.HeldOutPairs, data.HeldOutSums) : null;

            // Monitor: in place of optimizer.step().
            watch.Step(loss, new BatchInfo { Accuracy = accuracy, HeldOutLoss = heldOut?.Loss, HeldOutAccuracy = heldOut?.Accuracy });

            if (heldOut is not null)
            {
                context.Report(step, ("loss", loss.item<float>()), ("accuracy", accuracy), ("held-out accuracy", heldOut.Accuracy));
            }
        }
    }
}
