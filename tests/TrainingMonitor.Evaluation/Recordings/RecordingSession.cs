using TrainingMonitor.TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>One run while it is recorded.</summary>
internal sealed class RecordingSession(int seed)
{
    /// <summary>Takes the stream.</summary>
    public RecordingSink Sink { get; } = new();

    /// <summary>Takes truths and baselines.</summary>
    public CurveBuilder Curves { get; } = new();

    /// <summary>Other facts by name.</summary>
    public Dictionary<string, double> Facts { get; } = new(StringComparer.Ordinal);

    /// <summary>Seed of data, weights and batches.</summary>
    public int Seed => seed;

    /// <summary>Starts the watch of the run; what goes wrong in it ends the recording.</summary>
    public TrainingWatch Watch(nn.Module model, optim.Optimizer optimizer, WatchOptions options) =>
        TrainingWatch.Start(model, optimizer, options with { Client = new() { Say = message => throw new InvalidOperationException(message) } }, Sink, TimeProvider.System);
}
