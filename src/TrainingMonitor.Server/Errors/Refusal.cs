using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace TrainingMonitor.Server.Errors;

/// <summary>Refusals as the wire contract wants them: a status, a sentence, and google.rpc details that say which field or how long to wait.</summary>
internal static class Refusal
{
    /// <summary>Never to be retried: what was sent is wrong at that field.</summary>
    public static RpcException Invalid(string field, string problem, StatusCode code = StatusCode.InvalidArgument) =>
        Make(code, $"{field}: {problem}", new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = problem } } });

    /// <summary>A limit of the moment: to be tried again after the delay.</summary>
    public static RpcException Exhausted(string problem, TimeSpan retryAfter) =>
        Make(StatusCode.ResourceExhausted, problem, new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) });

    /// <summary>The server is starting or going: to be tried again after the delay.</summary>
    public static RpcException Unavailable(string problem, TimeSpan retryAfter) =>
        Make(StatusCode.Unavailable, problem, new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) });

    /// <summary>No such thing.</summary>
    public static RpcException NotFound(string field, string problem) => Invalid(field, problem, StatusCode.NotFound);

    private static RpcException Make(StatusCode code, string message, Google.Protobuf.IMessage detail) =>
        new Google.Rpc.Status { Code = (int)code, Message = message, Details = { Any.Pack(detail) } }.ToRpcException();
}
