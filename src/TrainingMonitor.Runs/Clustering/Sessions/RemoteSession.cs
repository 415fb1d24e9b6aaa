using Akka.Actor;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Gateway;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Clustering.Sessions;

/// <summary>A trainer's stream that some node holds, as the run sees it.</summary>
internal sealed class RemoteSession(IActorRef session, IActorRef run) : IIngestSession
{
    // Whether the trainer reads is known at the node that has its connection; that one ends the stream.
    public bool TrySend(ServerFrame frame)
    {
        session.Tell(new ToTrainer(frame), run);
        return true;
    }

    public void Close(Status status) => Close(new RpcException(status));

    public void Close(RpcException error) => session.Tell(new EndStream(RpcStatus.Of(error)), run);
}
