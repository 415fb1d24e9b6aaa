using TrainingMonitor.Examples.Data;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Jobs;

/// <summary>A learning rate that goes on rising: the loss spikes, diverges and ends in NaN.</summary>
public sealed class DivergingJob : ITrainingJob
{
    private const int TrainExamples = 1000;
    private const int BatchSize = 50;
    private const int HealthySteps = 8000;
    private const double LearningRate = 0.01;

    /// <inheritdoc/>
    public string Name => "diverging";

    /// <inheritdoc/>
    public string Description => "A convolutional network on digits whose learning rate keeps doubling after a healthy start: spikes, then divergence, then NaN.";

    /// <inheritdoc/>
    public int Steps => 8700;

    /// <inheritdoc/>
    public void Run(JobContext context)
    {
        using var data = Digits.Load(TrainExamples, labelNoise: 0, context.Seed);
        using var images = data.TrainImages.reshape(TrainExamples, 1, 8, 8);
        using var targets = nn.functional.one_hot(data.TrainLabels, 10).to_type(ScalarType.Float32);
        using var model = nn.Sequential(
            ("conv1", nn.Conv2d(1, 32, 3, padding: 1)),
            ("relu1", nn.ReLU()),
            ("conv2", nn.Conv2d(32, 64, 3, padding: 1)),
            ("relu2", nn.ReLU()),
            ("pool", nn.MaxPool2d(2)),
            ("flat", nn.Flatten()),
            ("hidden", nn.Linear(64 * 4 * 4, 128)),
            ("relu3", nn.ReLU()),
            ("output", nn.Linear(128, 10)));
        using var optimizer = optim.SGD(model.parameters(), LearningRate, momentum: 0.9);

        // The mistake: a warm-up that starts late and never ends. It doubles the learning rate every 60 steps.
        var schedule = optim.lr_scheduler.LambdaLR(optimizer, step => step < HealthySteps ? 1 : Math.Pow(2, (step - HealthySteps) / 60.0));

        // Monitor: start watching; it chooses its own schedule within 1% of the training time.
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions
        {
            Client = context.Client,
            DatasetSize = TrainExamples,
            BatchSize = BatchSize,
            Sampling = SamplingScheme.Shuffled,
            PlannedSteps = context.Steps,
            PairInterval = 1,
        });

        using var order = new EpochOrder(TrainExamples, BatchSize);
        for (var step = 0; context.Continues(step, watch); step++)
        {
            using var scope = NewDisposeScope();
            var batch = order.Next();
            optimizer.zero_grad();
            var loss = (model.call(images[batch]) - targets[batch]).square().sum(1).mean() / 2;
            loss.backward();

            // Monitor: in place of optimizer.step().
            watch.Step(loss, new BatchInfo { ExampleIds = batch.data<long>().ToArray() });
            schedule.step();

            if (step % 20 == 0)
            {
                context.Report(step, ("loss", loss.item<float>()), ("learning rate", optimizer.ParamGroups.First().LearningRate));
            }
        }
    }
}
