using static TorchSharp.torch.nn;

namespace TrainingMonitor.Evaluation.Training;

/// <summary>The networks of the suites.</summary>
internal static class Networks
{
    /// <summary>Two hidden layers of ReLUs.</summary>
    public static FeatureNetwork Mlp(int inputs, int width, int outputs, double dropout = 0) => new(
        Sequential(
            ("hidden1", Linear(inputs, width)),
            ("relu1", ReLU()),
            ("dropout1", Dropout(dropout)),
            ("hidden2", Linear(width, width)),
            ("relu2", ReLU()),
            ("dropout2", Dropout(dropout))),
        Linear(width, outputs));

    /// <summary>One hidden layer of ReLUs.</summary>
    public static FeatureNetwork Shallow(int inputs, int width, int outputs) => new(Sequential(("hidden", Linear(inputs, width)), ("relu", ReLU())), Linear(width, outputs));

    /// <summary>Two convolutions for 8×8 images given as [n, 64].</summary>
    public static FeatureNetwork DigitsCnn() => new(
        Sequential(
            ("image", Unflatten(1, [1, 8, 8])),
            ("conv1", Conv2d(1, 8, 3, padding: 1)),
            ("relu1", ReLU()),
            ("pool1", AvgPool2d(2)),
            ("conv2", Conv2d(8, 16, 3, padding: 1)),
            ("relu2", ReLU()),
            ("flat", Flatten())),
        Linear(16 * 4 * 4, Tasks.DigitClasses));

    /// <summary>Embedding and two linear layers over the whole sequence.</summary>
    public static FeatureNetwork SequenceNetwork() => new(
        Sequential(
            ("embedding", Embedding(Tasks.Vocabulary, 16)),
            ("flat", Flatten()),
            ("hidden", Linear(16 * Tasks.SequenceLength, 128)),
            ("relu", ReLU())),
        Linear(128, Tasks.SequenceClasses));

    /// <summary>Both numbers embedded by one table, a hidden layer of ReLUs.</summary>
    public static FeatureNetwork EmbeddedMlp(int modulus, int embedding, int width) => new(
        Sequential(("embedding", Embedding(modulus, embedding)), ("flat", Flatten()), ("hidden", Linear(2 * embedding, width)), ("relu", ReLU())),
        Linear(width, modulus));

    /// <summary>A decoder of one block over (a, b, =): attention of four heads and a ReLU layer, read at the last position.</summary>
    public static FeatureNetwork SmallTransformer(int modulus, int width) => new(new TransformerBlock(modulus, width), Linear(width, modulus));
}
