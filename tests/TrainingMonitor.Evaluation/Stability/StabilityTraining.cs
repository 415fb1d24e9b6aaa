using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>A training run with probes, recorded with the truth of its curvature and of its stability.</summary>
internal sealed record StabilityTraining
{
    /// <summary>Steps between probes, and between two looks at the truth.</summary>
    public const int Interval = 20;

    private const int TruthBatches = 200;

    // Beyond it a run has diverged for good and float32 would end it soon.
    private const double Diverged = 1e9;

    /// <summary>What is trained.</summary>
    public required StabilityProblem Problem { get; init; }

    /// <summary>Makes the optimizer.</summary>
    public required Func<IEnumerable<Parameter>, Optimizer> Optimizer { get; init; }

    /// <summary>Examples a step; all of them: full batch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Trains.</summary>
    public void Run(RecordingSession session)
    {
        var (inputs, targets) = Problem.Data(session.Seed);
        var examples = (int)inputs.shape[0];
        var full = BatchSize >= examples;
        using var network = Problem.Network();
        using var optimizer = Optimizer(network.parameters());
        var random = new Random(session.Seed + 500);
        var probes = new ProbeSet(inputs, targets, Loss, BatchSize, random);
        using var watch = session.Watch(network, optimizer, new WatchOptions
        {
            DatasetSize = examples,
            BatchSize = BatchSize,
            Sampling = full ? SamplingScheme.FullBatch : SamplingScheme.Shuffled,
            PlannedSteps = Steps,
            PairInterval = Interval,
            ExactInterval = Interval,
            Probes = probes.Options(full),
        });
        var sampler = new ExampleSampler(examples, BatchSize, full ? SamplingScheme.FullBatch : SamplingScheme.Shuffled, new Random(session.Seed + 1000));
        using var truth = new StabilityTruth(session.Curves, network, optimizer, () => Loss(inputs, targets), probes.TruthBatch(full), full ? 0 : TruthBatches);
        for (var step = 0; step <= Steps; step++)
        {
            using var scope = NewDisposeScope();
            var loss = step % Interval == 0 ? truth.Look(step) : 0;
            if (step == Steps || !(loss < Diverged))
            {
                break;
            }

            var ids = sampler.Next();
            using var batch = tensor(ids);
            Tensor x = full ? inputs : inputs[batch], y = full ? targets : targets[batch];
            var product = truth.Product(() => Loss(x, y));
            optimizer.zero_grad();
            var value = Loss(x, y);
            value.backward();
            watch.Step(value, new BatchInfo { ExampleIds = full ? default : ids, FirstOfEpoch = full ? null : sampler.BeganEpoch, Size = ids.Length });
            truth.Step(product);
        }

        session.Facts["parameters"] = network.parameters().Sum(p => p.numel());
        session.Facts["examples"] = examples;

        Tensor Loss(Tensor x, Tensor y) => Problem.Loss(network.call(x), y);
    }
}
