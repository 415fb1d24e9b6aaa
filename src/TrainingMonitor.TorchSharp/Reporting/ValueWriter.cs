using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.TorchSharp.Reporting;

/// <summary>Counts samples and epochs.</summary>
internal sealed class ValueWriter(WatchOptions options, LayerMap map, Optimizer optimizer)
{
    private double samples;
    private bool samplesKnown = true;

    private long StepsPerEpoch => options.StepsPerEpoch > 0 ? options.StepsPerEpoch
        : options is { DatasetSize: > 0, BatchSize: > 0 } ? (options.DatasetSize + options.BatchSize - 1) / options.BatchSize : 0;

    /// <summary>Goes on counting where another ended.</summary>
    public void Follow(ValueWriter before) => (samples, samplesKnown) = (before.samples, before.samplesKnown);

    /// <summary>The values of the next step. Call once a step.</summary>
    public StepContext Next(long step, BatchInfo batch, double? clip)
    {
        long size = batch.Size > 0 ? batch.Size : batch.ExampleIds.Length > 0 ? batch.ExampleIds.Length : options.BatchSize;
        var epochs = options.Sampling is SamplingScheme.Shuffled or SamplingScheme.Sequential && StepsPerEpoch > 0;
        var first = batch.FirstOfEpoch ?? (epochs && step % StepsPerEpoch == 0);
        double? epoch = batch.Epoch ?? (samplesKnown && options.DatasetSize > 0 && size > 0 ? samples / options.DatasetSize
            : StepsPerEpoch > 0 ? (double)step / StepsPerEpoch : null);
        var context = new StepContext(batch, size, first && step > 0, map.Parameters[0].Options?.LearningRate ?? OptimizerReader.LearningRate(optimizer), epoch, samplesKnown && size > 0 ? samples : null, clip);
        samples += size;
        samplesKnown &= size > 0;
        return context;
    }
}
