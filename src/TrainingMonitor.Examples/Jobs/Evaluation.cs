using static TorchSharp.torch;

namespace TrainingMonitor.Examples.Jobs;

/// <summary>Loss and accuracy of a classifier on examples it is not trained on: for the reader only.</summary>
/// <param name="Loss">Mean cross entropy, nats.</param>
/// <param name="Accuracy">0 to 1.</param>
internal sealed record Evaluation(double Loss, double Accuracy)
{
    /// <summary>Evaluates in eval mode, without gradients, and puts the mode back.</summary>
    public static Evaluation Of(nn.Module<Tensor, Tensor> model, Tensor inputs, Tensor labels)
    {
        var training = model.training;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        model.eval();
        var logits = model.call(inputs);
        model.train(training);
        return new Evaluation(nn.functional.cross_entropy(logits, labels).item<float>(), AccuracyOf(logits, labels));
    }

    /// <summary>Share of rows whose largest logit is at the label.</summary>
    public static double AccuracyOf(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return logits.argmax(1).eq(labels).to_type(ScalarType.Float32).mean().item<float>();
    }
}
