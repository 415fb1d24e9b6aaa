using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Gateway;

/// <summary>The server's end of one trainer stream, as the run actor sees it. Implementations must not block.</summary>
public interface IIngestSession
{
    /// <summary>Queues a frame for the trainer; false when the stream is gone or its bounded queue is full of frames that cannot be merged (the session then ends and the trainer resumes).</summary>
    bool TrySend(ServerFrame frame);

    /// <summary>Ends the stream with a status (a newer stream of the same rank took over, a frame was refused).</summary>
    void Close(Grpc.Core.Status status);

    /// <summary>Ends the stream with a status and its details: a google.rpc.BadRequest that names the field, a RetryInfo.</summary>
    void Close(Grpc.Core.RpcException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        Close(error.Status);
    }
}
