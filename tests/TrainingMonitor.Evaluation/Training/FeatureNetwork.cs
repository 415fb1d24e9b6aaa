using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>A network whose last layer is apart, so that what it reads can be looked at.</summary>
internal sealed class FeatureNetwork : Module<Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> features;
    private readonly Module<Tensor, Tensor> head;

    public FeatureNetwork(Module<Tensor, Tensor> features, Module<Tensor, Tensor> head)
        : base(nameof(FeatureNetwork))
    {
        this.features = features;
        this.head = head;
        RegisterComponents();
    }

    /// <summary>Activations before the last layer, [examples, width].</summary>
    public Tensor Features(Tensor input) => features.call(input);

    public override Tensor forward(Tensor input) => head.call(features.call(input));
}
