using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>A training run in which something may go wrong, recorded with the cheap statistics of every step and, as the truth, the loss of a fixed part of
/// the training set before every step.</summary>
internal sealed record InstabilityTraining
{
    /// <summary>Examples the truth is taken on.</summary>
    public const int ProbeExamples = 256;

    /// <summary>Steps a run goes on after its first number that is not finite.</summary>
    private const int StepsAfterBreak = 5;

    /// <summary>Makes the data of a seed.</summary>
    public required Func<int, SupervisedData> Data { get; init; }

    /// <summary>Makes the network.</summary>
    public required Func<FeatureNetwork> Network { get; init; }

    /// <summary>Makes the optimizer.</summary>
    public required Func<IEnumerable<Parameter>, Optimizer> Optimizer { get; init; }

    /// <summary>Examples a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>How the examples are drawn.</summary>
    public SamplingScheme Sampling { get; init; } = SamplingScheme.Shuffled;

    /// <summary>Factor of the learning rate at a step.</summary>
    public Func<int, double>? Schedule { get; init; }

    /// <summary>Largest norm of the gradient; 0: any.</summary>
    public double ClipNorm { get; init; }

    /// <summary>What goes wrong; null: nothing.</summary>
    public Fault? Fault { get; init; }

    /// <summary>Trains.</summary>
    public void Run(RecordingSession session)
    {
        var data = Data(session.Seed);
        using var twin = Network();
        using var network = Network();
        using var optimizer = Optimizer(network.parameters());
        twin.eval();
        var rates = optimizer.ParamGroups.Select(group => group.LearningRate).ToArray();
        var fault = Fault?.Begin(data, session.Seed);
        using var probe = tensor(fault?.Known(ProbeExamples) ?? [.. Enumerable.Range(0, Math.Min(ProbeExamples, data.Count)).Select(i => (long)i)]);
        session.Sink.Kept = RecordedStatistics;
        using var watch = session.Watch(network, optimizer, new WatchOptions
        {
            DatasetSize = data.Count,
            BatchSize = BatchSize,
            Sampling = Sampling,
            PlannedSteps = Steps,
            PairInterval = 1,
            ExactInterval = 0,
        });
        var sampler = new ExampleSampler(data.Count, BatchSize, Sampling, new Random(session.Seed + 1000));
        if (fault is not null)
        {
            session.Facts["fault_step"] = fault.Start;
        }

        int? broke = null;
        for (var step = 0; step < Steps && !(step - broke > StepsAfterBreak); step++)
        {
            using var scope = NewDisposeScope();
            SetRate(optimizer, rates, step, fault);
            session.Curves.Add(CurveName.LossOf(CurveName.Train), step, ProbeLoss(data, probe, network, twin));
            if (!Step(watch, network, optimizer, data, sampler, step, fault) && broke is null)
            {
                broke = step;
                session.Facts[InstabilityTruth.NonFiniteFact] = step;
            }
        }
    }

    private static readonly HashSet<Estimation.Input.LayerStatistic> RecordedStatistics =
    [
        Estimation.Input.LayerStatistic.GradSq, Estimation.Input.LayerStatistic.UpdateSq, Estimation.Input.LayerStatistic.WeightSq,
        Estimation.Input.LayerStatistic.RmsStaleness, Estimation.Input.LayerStatistic.NonFinite,
    ];

    private static double ProbeLoss(SupervisedData data, Tensor probe, FeatureNetwork network, FeatureNetwork twin)
    {
        using var none = no_grad();
        foreach (var (mine, theirs) in twin.parameters().Zip(network.parameters()))
        {
            mine.copy_(theirs);
        }

        return SupervisedTraining.Loss(data, twin.call(data.Inputs[probe]), data.Targets[probe]).item<float>();
    }

    // False where the loss or a gradient is not finite.
    private bool Step(TrainingWatch watch, FeatureNetwork network, Optimizer optimizer, SupervisedData data, ExampleSampler sampler, int step, RunningFault? fault)
    {
        var ids = sampler.Next();
        var beganEpoch = sampler.BeganEpoch;
        ids = fault?.Choose(ids, step) ?? ids;
        using var batch = tensor(ids);
        var (inputs, targets) = (data.Inputs[batch], data.Targets[batch]);
        (inputs, targets) = fault?.Spoil(inputs, targets, step) ?? (inputs, targets);
        optimizer.zero_grad();
        var outputs = network.call(inputs);
        var loss = SupervisedTraining.Loss(data, outputs, targets);
        loss.backward();
        if (ClipNorm > 0)
        {
            watch.ClipGradNorm(ClipNorm);
        }

        using var none = no_grad();
        var finite = network.parameters().Aggregate(loss.isfinite(), (all, p) => all.logical_and(p.grad!.sum().isfinite())).item<bool>();
        double? accuracy = data.IsClassification ? outputs.argmax(1).eq(targets).to_type(ScalarType.Float32).mean().item<float>() : null;
        using var enabled = enable_grad();
        watch.Step(loss, new BatchInfo { Accuracy = accuracy, FirstOfEpoch = beganEpoch });
        return finite;
    }

    private void SetRate(Optimizer optimizer, double[] rates, int step, RunningFault? fault)
    {
        var factor = (Schedule?.Invoke(step) ?? 1) * (fault?.RateFactor(step) ?? 1);
        var i = 0;
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = rates[i++] * factor;
        }
    }
}
