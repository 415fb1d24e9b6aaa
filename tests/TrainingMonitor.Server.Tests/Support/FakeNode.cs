using System.Runtime.CompilerServices;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Server.Tests.Support;

internal sealed class FakeNode : INode, IRecordingSource
{
    public FakeGateway Gateway { get; } = new();

    public FakeStore Store { get; } = new();

    public bool Disposed { get; private set; }

    /// <summary>Recovery lasts until this completes.</summary>
    public Task Recovery { get; set; } = Task.CompletedTask;

    IRunGateway INode.Gateway => Gateway;

    ISeriesStore INode.Store => Store;

    IRecordingSource INode.Recordings => this;

    public async Task<INode> StartAsync(NodeContext context, CancellationToken cancellationToken)
    {
        await Recovery.WaitAsync(cancellationToken);
        return this;
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        yield return new byte[] { 1, 2 };
        yield return new byte[] { 3 };
    }

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
}
