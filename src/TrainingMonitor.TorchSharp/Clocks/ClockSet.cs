using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Clocks;

/// <summary>The opt-in clocks of memorization. What goes wrong in them ends the clock, not the monitor.</summary>
internal sealed class ClockSet(nn.Module model, LayerMap map, WatchOptions options, TimeProvider time, Action<string> say) : IDisposable
{
    private const int UnknownInterval = 100;
    private CanaryReader? canaries = options.Canaries is null ? null : new CanaryReader(options.Canaries, options.LossIsSum);
    private SentinelReader? sentinels = options.Sentinels is null ? null : new SentinelReader(model, map.Parameters.Select(p => p.Tensor), options.Sentinels, Interval(options));
    private bool withoutOutputs;

    /// <summary>The evaluation made before the coming step; null: none.</summary>
    public SentinelSums? Evaluated { get; private set; }

    /// <summary>What the batch's outputs say of its canaries; null: nothing.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="loss">Its loss, a scalar.</param>
    public CanarySums? Read(BatchInfo batch, Tensor loss)
    {
        if (canaries is null)
        {
            return null;
        }

        if (!withoutOutputs && (batch.Outputs is null || batch.Targets is null || batch.ExampleIds.IsEmpty))
        {
            withoutOutputs = true;
            say("canaries cannot be read without BatchInfo.ExampleIds, Outputs and Targets");
        }

        try
        {
            return canaries.Read(batch.ExampleIds.Span, batch.Outputs, batch.Targets, loss);
        }
        catch (Exception e)
        {
            Dispose();
            Say("canaries", e);
            return null;
        }
    }

    /// <summary>Looks at the sentinels with the weights before a step, where that is due.</summary>
    /// <returns>Seconds it took.</returns>
    public double Evaluate(long step)
    {
        Evaluated = null;
        if (sentinels?.IsDue(step) != true)
        {
            return 0;
        }

        var begin = time.GetTimestamp();
        try
        {
            using var scope = NewDisposeScope();
            Evaluated = sentinels.Read(step);
        }
        catch (Exception e)
        {
            // The loss is the user's; what it throws must not stop training or the statistics.
            sentinels = null;
            Say("sentinels", e);
        }

        return time.GetElapsedTime(begin).TotalSeconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        canaries?.Dispose();
        canaries = null;
    }

    private static long Interval(WatchOptions options) =>
        options.Sentinels is { Options.Interval: > 0 } given ? given.Options.Interval
        : options.StepsPerEpoch > 0 ? options.StepsPerEpoch
        : options is { DatasetSize: > 0, BatchSize: > 0 } ? Math.Max(1, (options.DatasetSize + options.BatchSize - 1) / options.BatchSize)
        : UnknownInterval;

    private void Say(string what, Exception e) => say($"{what} are off for this run: {e.GetType().Name}: {e.Message.Split('\n', 2)[0]}");
}
