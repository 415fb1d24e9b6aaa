using Akka.Actor;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Watching;

namespace TrainingMonitor.Runs.Clustering.Sessions;

/// <summary>A reader on some node.</summary>
internal sealed class RemoteSubscriber(IActorRef reader, IActorRef run) : RunSubscriber
{
    private bool told;

    public override void Mark()
    {
        if (!told)
        {
            told = true;
            reader.Tell(RunNews.Instance, run);
        }
    }

    public override void Answer(RunUpdate update)
    {
        told = false;
        reader.Tell(new RunUpdated(update), run);
    }

    public override void End() => reader.Tell(WatchEnded.Instance, run);
}
