using Grpc.Core;
using TrainingMonitor.Runs.Gateway;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Somebody of this process waits for the stream.</summary>
internal sealed class TaskOpening : IStreamOpening
{
    private readonly TaskCompletionSource<IRunStream> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IRunStream> Task => answer.Task;

    public void Opened(RunStream stream) => answer.TrySetResult(stream);

    public void Refused(RpcException error) => answer.TrySetException(error);
}
