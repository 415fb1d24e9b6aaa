using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Why a frame is refused. A refused frame changes nothing.</summary>
/// <param name="Code">INVALID_ARGUMENT (malformed), FAILED_PRECONDITION (protocol version) or RESOURCE_EXHAUSTED (a limit). None is to be retried.</param>
/// <param name="FieldPath">Path of the field, "steps.reports[3].columns[2].float32"; "frame" for the whole.</param>
/// <param name="Message">What is wrong, "396 bytes, 400 wanted for 100 layers".</param>
public sealed record FrameError(StatusCode Code, string FieldPath, string Message)
{
    /// <summary>The gRPC error: the status, the sentence "path: message" and a google.rpc.BadRequest detail that names the field.</summary>
    public RpcException ToRpcException() => new Google.Rpc.Status
    {
        Code = (int)Code,
        Message = ToString(),
        Details =
        {
            Any.Pack(new BadRequest
            {
                FieldViolations = { new BadRequest.Types.FieldViolation { Field = FieldPath, Description = Message } },
            }),
        },
    }.ToRpcException();

    /// <summary>"path: message".</summary>
    public override string ToString() => $"{FieldPath}: {Message}";

    internal static FrameError Invalid(string path, string message) => new(StatusCode.InvalidArgument, path, message);

    internal static FrameError Limit(string path, string message) => new(StatusCode.ResourceExhausted, path, message);
}
