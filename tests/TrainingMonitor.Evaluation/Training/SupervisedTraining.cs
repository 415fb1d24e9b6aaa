using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Baselines;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>A supervised training run, recorded: the stream, the truth, and the baselines that need more than the stream.</summary>
internal sealed record SupervisedTraining
{
    /// <summary>Makes the data of a seed.</summary>
    public required Func<int, SupervisedData> Data { get; init; }

    /// <summary>Makes the network.</summary>
    public required Func<FeatureNetwork> Network { get; init; }

    /// <summary>Makes the optimizer.</summary>
    public required Func<IEnumerable<Parameter>, Optimizer> Optimizer { get; init; }

    /// <summary>Examples a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>How they are drawn.</summary>
    public required SamplingScheme Sampling { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps between two looks at the held-out set.</summary>
    public int EvaluationInterval { get; init; } = 10;

    /// <summary>Exact sums every so many steps.</summary>
    public int ExactInterval { get; init; } = 1;

    /// <summary>Reports between two with the slow statistics (weights, updates); 1 keeps all.</summary>
    public int SlowInterval { get; init; } = 10;

    /// <summary>Factor of the learning rate at a share of the run; null: constant.</summary>
    public Func<double, double>? Schedule { get; init; }

    /// <summary>Ends the run early; asked after each look at the held-out set.</summary>
    public Func<RecordingSession, int, bool>? Ends { get; init; }

    /// <summary>Whether the baselines that need extra passes are taken.</summary>
    public bool ExtraBaselines { get; init; } = true;

    /// <summary>Looks at the held-out set between two with those baselines: 1 takes them at each.</summary>
    public int ExtraInterval { get; init; } = 1;

    /// <summary>Trains.</summary>
    public void Run(RecordingSession session)
    {
        var data = Data(session.Seed);
        using var twin = Network();
        using var network = Network();
        using var optimizer = Optimizer(network.parameters());
        var baseRates = optimizer.ParamGroups.Select(group => group.LearningRate).ToArray();
        using var watch = session.Watch(network, optimizer, new WatchOptions
        {
            DatasetSize = data.Count,
            BatchSize = BatchSize,
            Sampling = Sampling,
            PlannedSteps = Steps,
            PairInterval = ExactInterval,
            ExactInterval = ExactInterval,
        });
        session.Sink.SlowInterval = SlowInterval;
        var truth = new RunEvaluator(session, network, twin, data);
        using var cosine = new GradientCosine();
        var sampler = new ExampleSampler(data.Count, BatchSize, Sampling, new Random(session.Seed + 1000));
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            SetRate(optimizer, baseRates, step);
            if (step % EvaluationInterval == 0)
            {
                truth.Look(step, ExtraBaselines && step % (EvaluationInterval * ExtraInterval) == 0);
                session.Curves.Add(CurveName.GradientCosine, step, cosine.Take());
                if (Ends?.Invoke(session, step) == true)
                {
                    break;
                }
            }

            Step(watch, network, optimizer, data, sampler, cosine);
        }

        truth.Look(Math.Min(Steps, (int)watch.Steps), extra: false);
        session.Facts["parameters"] = network.parameters().Sum(p => p.numel());
    }

    /// <summary>The loss of a batch.</summary>
    public static Tensor Loss(SupervisedData data, Tensor outputs, Tensor targets) =>
        data.IsClassification ? nn.functional.cross_entropy(outputs, targets) : nn.functional.mse_loss(outputs, targets);

    private static void Step(TrainingWatch watch, FeatureNetwork network, Optimizer optimizer, SupervisedData data, ExampleSampler sampler, GradientCosine cosine)
    {
        var ids = sampler.Next();
        var whole = ids.Length == data.Count && sampler.BeganEpoch;
        using var batch = tensor(ids);
        var (inputs, targets) = whole ? (data.Inputs, data.Targets) : (data.Inputs[batch], data.Targets[batch]);
        if (whole)
        {
            ids = [.. Enumerable.Range(0, data.Count).Select(i => (long)i)];
        }

        optimizer.zero_grad();
        var outputs = network.call(inputs);
        var loss = Loss(data, outputs, targets);
        loss.backward();
        cosine.Add(network);
        double? accuracy = data.IsClassification ? outputs.argmax(1).eq(targets).to_type(ScalarType.Float32).mean().item<float>() : null;
        watch.Step(loss, new BatchInfo { ExampleIds = ids, Accuracy = accuracy, FirstOfEpoch = whole ? null : sampler.BeganEpoch });
    }

    private void SetRate(Optimizer optimizer, double[] baseRates, int step)
    {
        if (Schedule is null)
        {
            return;
        }

        var i = 0;
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = baseRates[i++] * Schedule((double)step / Steps);
        }
    }
}
