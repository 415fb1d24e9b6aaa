using Grpc.Core;
using Status = Google.Rpc.Status;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>Errors of streams as messages.</summary>
internal static class RpcStatus
{
    public static Status Of(RpcException error) => error.GetRpcStatus() ?? Of(error.StatusCode, error.Status.Detail);

    public static Status Of(StatusCode code, string message) => new() { Code = (int)code, Message = message };
}
