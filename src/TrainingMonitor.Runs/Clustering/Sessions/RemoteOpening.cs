using Akka.Actor;
using Grpc.Core;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Clustering.Messages;

namespace TrainingMonitor.Runs.Clustering.Sessions;

/// <summary>A session on some node waits for its stream.</summary>
internal sealed class RemoteOpening(IActorRef session, IActorRef run, string ingest, Action<RunStream> opened) : IStreamOpening
{
    public void Opened(RunStream stream)
    {
        opened(stream);
        session.Tell(new RunOpened(stream.Welcome, ingest), run);
    }

    public void Refused(RpcException error) => session.Tell(new RunRefused(RpcStatus.Of(error)), run);
}
