using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Wire;

/// <summary>Base of a server of <c>Ingest</c> that receives frames as bytes. Map it with <c>MapGrpcService</c>.</summary>
[BindServiceMethod(typeof(IngestMethods), nameof(IngestMethods.BindService))]
public abstract class RawIngestBase
{
    /// <summary>One rank's stream: the first frame is a Hello.</summary>
    public abstract Task Stream(IAsyncStreamReader<RawTrainerFrame> requestStream, IServerStreamWriter<ServerFrame> responseStream, ServerCallContext context);
}
