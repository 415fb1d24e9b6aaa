using TrainingMonitor.Examples.Data;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Jobs;

/// <summary>Full-batch gradient descent: sharpness climbs to 2/η and stays there.</summary>
public sealed class EdgeOfStabilityJob : ITrainingJob
{
    private const int TrainExamples = 1000;
    private const int Width = 200;
    private const double LearningRate = 0.2;
    private const int ProbeInterval = 25;

    /// <inheritdoc/>
    public string Name => "edge-of-stability";

    /// <inheritdoc/>
    public string Description => "Full-batch gradient descent on 1000 digits: the sharpness rises until it meets 2 over the learning rate, and stays there.";

    /// <inheritdoc/>
    public int Steps => 4600;

    /// <inheritdoc/>
    public void Run(JobContext context)
    {
        using var data = Digits.Load(TrainExamples, labelNoise: 0, context.Seed);
        using var targets = nn.functional.one_hot(data.TrainLabels, 10).to_type(ScalarType.Float32);
        using var model = nn.Sequential(
            ("hidden1", nn.Linear(64, Width)),
            ("tanh1", nn.Tanh()),
            ("hidden2", nn.Linear(Width, Width)),
            ("tanh2", nn.Tanh()),
            ("output", nn.Linear(Width, 10)));
        using var optimizer = optim.SGD(model.parameters(), LearningRate);

        // Half the squared distance to the one-hot target, mean over examples.
        Tensor Loss() => (model.call(data.TrainImages) - targets).square().sum(1).mean() / 2;

        // Monitor: start watching, with the largest eigenvalue of the Hessian of this loss now and then.
        using var watch = TrainingWatch.Start(model, optimizer, new WatchOptions
        {
            Client = context.Client,
            DatasetSize = TrainExamples,
            BatchSize = TrainExamples,
            Sampling = SamplingScheme.FullBatch,
            PlannedSteps = context.Steps,
            PairInterval = 1,
            ExactInterval = 5,
            Probes = new ProbeOptions { Interval = ProbeInterval, Loss = Loss, Examples = TrainExamples, NextBatchGain = false, BatchSharpness = false },
        });

        for (var step = 0; context.Continues(step, watch); step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = Loss();
            loss.backward();

            // Monitor: in place of optimizer.step().
            watch.Step(loss);

            if (step % ProbeInterval == 0)
            {
                context.Report(step, ("loss", loss.item<float>()));
            }
        }
    }
}
