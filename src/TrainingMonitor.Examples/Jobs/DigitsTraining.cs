using TrainingMonitor.Examples.Data;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Jobs;

/// <summary>A network of two hidden layers on 1000 digits, shuffled batches of 50, AdamW.</summary>
internal sealed record DigitsTraining
{
    private const int TrainExamples = 1000;
    private const int BatchSize = 50;
    private const int StepsPerEpoch = TrainExamples / BatchSize;
    private const int HeldOutInterval = 5;

    /// <summary>Share of random labels.</summary>
    public required double LabelNoise { get; init; }

    /// <summary>Units of each hidden layer.</summary>
    public required int Width { get; init; }

    /// <summary>Learning rate at the start.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Share of hidden units dropped in training.</summary>
    public double Dropout { get; init; }

    /// <summary>The learning rate falls to 0 along half a cosine.</summary>
    public bool CosineSchedule { get; init; }

    /// <summary>Passes over the data.</summary>
    public required int Epochs { get; init; }

    /// <summary>Optimizer steps.</summary>
    public int Steps => Epochs * StepsPerEpoch;

    /// <summary>Trains.</summary>
    public void Run(JobContext context)
    {
        using var data = Digits.Load(TrainExamples, LabelNoise, context.Seed);
        using var model = nn.Sequential(
            ("hidden1", nn.Linear(64, Width)),
            ("relu1", nn.ReLU()),
            ("dropout1", nn.Dropout(Dropout)),
            ("hidden2", nn.Linear(Width, Width)),
            ("relu2", nn.ReLU()),
            ("dropout2", nn.Dropout(Dropout)),
            ("output", nn.Linear(Width, 10)));
        using var optimizer = optim.AdamW(model.parameters(), lr: LearningRate, weight_decay: WeightDecay);
        var schedule = CosineSchedule ? optim.lr_scheduler.LambdaLR(optimizer, step => (1 + Math.Cos(Math.PI * step / Steps)) / 2) : null;

        // Monitor: start watching. Exact sums at every step: the run is short and the network small.
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions
        {
            Client = context.Client,
            DatasetSize = TrainExamples,
            BatchSize = BatchSize,
            Sampling = SamplingScheme.Shuffled,
            PlannedSteps = context.Steps,
            PairInterval = 1,
            ExactInterval = 1,
        });

        using var order = new EpochOrder(TrainExamples, BatchSize);
        for (var step = 0; context.Continues(step, watch); step++)
        {
            using var scope = NewDisposeScope();
            var batch = order.Next();
            var labels = data.TrainLabels[batch];
            optimizer.zero_grad();
            var logits = model.call(data.TrainImages[batch]);
            var loss = nn.functional.cross_entropy(logits, labels);
            loss.backward();

            var heldOut = step % HeldOutInterval == 0 ? Evaluation.Of(model, data.HeldOutImages, data.HeldOutLabels) : null;

            // Monitor: in place of optimizer.step(). The ids tell it when an example was last seen.
            watch.Step(loss, new BatchInfo
            {
                ExampleIds = batch.data<long>().ToArray(),
                Accuracy = Evaluation.AccuracyOf(logits, labels),
                HeldOutLoss = heldOut?.Loss,
                HeldOutAccuracy = heldOut?.Accuracy,
            });
            schedule?.step();

            if (heldOut is not null && step % StepsPerEpoch == 0)
            {
                context.Report(step, ("epoch", step / StepsPerEpoch), ("loss", loss.item<float>()), ("held-out loss", heldOut.Loss), ("held-out accuracy", heldOut.Accuracy));
            }
        }
    }
}
