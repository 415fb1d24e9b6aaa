using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>A supervised training run with canaries, sentinels, both or none, recorded: values of the steps, both clocks, and the held-out truth.</summary>
internal sealed record ClockTraining
{
    /// <summary>Steps between two looks at the held-out set.</summary>
    public const int EvaluationInterval = 10;

    /// <summary>Makes the data of a seed.</summary>
    public required Func<int, SupervisedData> Data { get; init; }

    /// <summary>Makes the network.</summary>
    public required Func<FeatureNetwork> Network { get; init; }

    /// <summary>Makes the optimizer.</summary>
    public required Func<IEnumerable<Parameter>, Optimizer> Optimizer { get; init; }

    /// <summary>Classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Examples a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Shuffled or with replacement.</summary>
    public SamplingScheme Sampling { get; init; } = SamplingScheme.Shuffled;

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 1600;

    /// <summary>Whether there are canaries.</summary>
    public bool WithCanaries { get; init; } = true;

    /// <summary>Whether examples are withheld.</summary>
    public bool WithSentinels { get; init; } = true;

    /// <summary>Trains.</summary>
    public void Run(RecordingSession session)
    {
        var data = Data(session.Seed);
        using var twin = Network();
        using var network = Network();
        using var optimizer = Optimizer(network.parameters());
        var canaries = WithCanaries ? new Canaries(data.Count, Classes, session.Seed) : null;
        var sentinels = WithSentinels ? new Sentinels(data.Count, Losses(data, network), Turns(data.Count), session.Seed, canaries) : null;
        session.Sink.Kept = new HashSet<Estimation.Input.LayerStatistic>();
        using var watch = session.Watch(network, optimizer, new WatchOptions
        {
            DatasetSize = data.Count,
            BatchSize = BatchSize,
            Sampling = Sampling,
            PlannedSteps = Steps,
            PairInterval = 1,
            ExactInterval = 0,
            Canaries = canaries,
            Sentinels = sentinels,
        });
        var truth = new RunEvaluator(session, network, twin, data);
        var batches = new WithheldBatches(data.Count, BatchSize, Sampling, sentinels, new Random(session.Seed + 1000));
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            if (step % EvaluationInterval == 0)
            {
                truth.Look(step, extra: false);
            }

            Step(watch, network, optimizer, data, batches, canaries);
        }

        truth.Look(Steps, extra: false);
        session.Facts["steps_per_epoch"] = batches.StepsPerEpoch;
    }

    private SentinelOptions Turns(int count) => new() { PlannedEpochs = (int)Math.Ceiling(Steps * BatchSize / (0.95 * count)) };

    private static Func<long[], Tensor> Losses(SupervisedData data, FeatureNetwork network) => ids =>
    {
        var rows = tensor(ids);
        return nn.functional.cross_entropy(network.call(data.Inputs[rows]), data.Targets[rows], reduction: nn.Reduction.None);
    };

    private static void Step(TrainingWatch watch, FeatureNetwork network, Optimizer optimizer, SupervisedData data, WithheldBatches batches, Canaries? canaries)
    {
        var ids = batches.Next();
        var rows = tensor(ids);
        var targets = data.Targets[rows];
        targets = canaries?.Relabel(ids, targets) ?? targets;
        optimizer.zero_grad();
        var outputs = network.call(data.Inputs[rows]);
        var loss = nn.functional.cross_entropy(outputs, targets);
        loss.backward();
        watch.Step(loss, new BatchInfo { ExampleIds = ids, Outputs = outputs, Targets = targets, FirstOfEpoch = batches.BeganEpoch });
    }
}
