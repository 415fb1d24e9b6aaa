using Grpc.Core;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Whoever waits for a stream to be opened. Called by the run's actor.</summary>
internal interface IStreamOpening
{
    void Opened(RunStream stream);

    void Refused(RpcException error);
}
