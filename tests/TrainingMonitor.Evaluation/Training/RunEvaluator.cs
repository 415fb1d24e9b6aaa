using TrainingMonitor.Evaluation.Baselines;
using TrainingMonitor.Evaluation.Recordings;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>Looks at the truth and at the baselines that need more than the stream. It works on a twin of the network, so that nothing it does is
/// seen by the watch or changes the run.</summary>
internal sealed class RunEvaluator
{
    private const int ProbeExamples = 256;
    private const int TrainExamples = 1000;
    private readonly RecordingSession session;
    private readonly SupervisedData data;
    private readonly FeatureNetwork network;
    private readonly FeatureNetwork twin;

    /// <summary>Makes the twin.</summary>
    public RunEvaluator(RecordingSession session, FeatureNetwork network, FeatureNetwork twin, SupervisedData data)
    {
        (this.session, this.network, this.twin, this.data) = (session, network, twin, data);
        twin.eval();
    }

    /// <summary>Adds a point to each curve. Extra baselines cost several backward passes.</summary>
    public void Look(int step, bool extra)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
        {
            CopyWeights();
            Add(step, CurveName.HeldOut, data.HeldOutInputs, data.HeldOutTargets);
            Add(step, CurveName.Validation, data.ValidationInputs, data.ValidationTargets);
            Add(step, CurveName.Train, First(data.Inputs, TrainExamples), First(data.Targets, TrainExamples));
            var clean = SupervisedTraining.Loss(data, twin.call(data.HeldOutInputs), data.CleanTargets);
            session.Curves.Add(CurveName.CleanLoss, step, clean.item<float>());
            session.Curves.Add(CurveName.SpectralEntropy, step, SpectralEntropy.Of(twin.Features(First(data.Inputs, ProbeExamples))));
        }

        if (extra)
        {
            session.Curves.Add(CurveName.EvidenceCriterion, step, EvidenceCriterion.Of(twin, data));
            session.Curves.Add(CurveName.CommutatorDefect, step, CommutatorDefect.Of(twin, data));
        }
    }

    private static Tensor First(Tensor examples, int count) => examples.slice(0, 0, Math.Min(count, examples.shape[0]), 1);

    private void CopyWeights()
    {
        foreach (var (mine, theirs) in twin.parameters().Zip(network.parameters()))
        {
            mine.copy_(theirs);
        }
    }

    private void Add(int step, string set, Tensor inputs, Tensor targets)
    {
        var outputs = twin.call(inputs);
        session.Curves.Add(CurveName.LossOf(set), step, SupervisedTraining.Loss(data, outputs, targets).item<float>());
        if (data.IsClassification)
        {
            session.Curves.Add(CurveName.AccuracyOf(set), step, outputs.argmax(1).eq(targets).to_type(ScalarType.Float32).mean().item<float>());
        }
    }
}
