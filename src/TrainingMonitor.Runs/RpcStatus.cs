using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace TrainingMonitor.Runs;

/// <summary>Errors of streams as statuses with details.</summary>
internal static class RpcStatus
{
    private static readonly TimeSpan FullRetry = TimeSpan.FromSeconds(10);

    public static Status Of(RpcException error) => error.GetRpcStatus() ?? Of(error.StatusCode, error.Status.Detail);

    public static Status Of(StatusCode code, string message) => new() { Code = (int)code, Message = message };

    /// <summary>A limit that passes. Only the delay tells a trainer so: without it the monitor would be off for the rest of its run.</summary>
    public static Status Full(string message) => new()
    {
        Code = (int)StatusCode.ResourceExhausted,
        Message = message,
        Details = { Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(FullRetry) }) },
    };
}
