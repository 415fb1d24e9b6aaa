using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Reporting;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.TorchSharp;

/// <summary>One watched run; everything here may throw, and <see cref="TrainingWatch"/> catches it.</summary>
internal sealed class WatchSession : IDisposable
{
    private readonly IReportSink sink;
    private long step;

    public WatchSession(nn.Module model, Optimizer optimizer, WatchOptions options, IReportSink sink, TimeProvider time, Action<string> say)
    {
        _ = (model, optimizer, options, time, say);
        this.sink = sink;
    }

    public Schedule Schedule { get; } = new();

    public void BeforeUpdate(Tensor loss, BatchInfo batch)
    {
        var values = new StepValues { Loss = loss.item<float>() };
        sink.Report(new StepReport { Step = (ulong)step, Values = values, BatchSize = (uint)batch.Size });
    }

    public void AfterUpdate() => step++;

    public void Clipped(double coefficient) => _ = coefficient;

    public void Skipped() => step++;

    public void Dispose()
    {
    }
}
