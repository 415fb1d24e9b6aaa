using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests;

/// <summary>What a watched step costs the garbage collector.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void A_step_that_is_not_looked_at_allocates_nothing()
    {
        using var model = Sequential(("a", Linear(8, 16)), ("t", Tanh()), ("b", Linear(16, 4)));
        var optimizer = optim.SGD(model.parameters(), 0.01, momentum: 0.9);
        var sink = new CaptureSink();
        using var map = Layers.LayerMap.Create(model, optimizer);
        using var session = new WatchSession(model, optimizer, new WatchOptions { PairInterval = 1 << 20, ExactInterval = 1 << 20, BatchSize = 4, DatasetSize = 64, ReportPromiseSeconds = 60 }, sink, TimeProvider.System, _ => { });
        using var loss = tensor(1f);
        var batch = new BatchInfo { ExampleIds = new long[] { 1, 2, 3, 4 } };
        for (var i = 0; i < 100; i++)
        {
            Step();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Step();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Step()
        {
            session.BeforeUpdate(loss, batch);
            session.AfterUpdate();
        }
    }
}
