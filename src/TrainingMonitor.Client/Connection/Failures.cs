using System.Net.Sockets;
using System.Security.Authentication;
using Google.Rpc;
using Grpc.Core;

namespace TrainingMonitor.Client.Connection;

/// <summary>Which errors may pass and which never will.</summary>
internal static class Failures
{
    /// <summary>What a status means for the connection.</summary>
    public static SessionEnd Judge(RpcException error, bool answered)
    {
        var wait = error.GetRpcStatus()?.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan();
        var outcome = error.StatusCode switch
        {
            StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.Unauthenticated or StatusCode.PermissionDenied
                or StatusCode.Unimplemented or StatusCode.Aborted => Outcome.Refused, // ABORTED: a newer process of this rank, or a newer attempt, took over.

            // A limit that passes comes with the time to wait; one that does not (a frame too large) never passes.
            StatusCode.ResourceExhausted when wait is null => Outcome.Refused,
            _ => Outcome.Lost,
        };
        return new(
            outcome,
            answered,
            Words(error),
            wait ?? TimeSpan.Zero,
            FrameRefused: error.StatusCode is StatusCode.InvalidArgument or StatusCode.ResourceExhausted or StatusCode.FailedPrecondition or StatusCode.Aborted,
            TokenRefused: error.StatusCode == StatusCode.Unauthenticated,
            NotConnected: IsAbout<SocketException>(error) || IsAbout<AuthenticationException>(error));
    }

    private static bool IsAbout<T>(RpcException error)
        where T : Exception
    {
        for (var at = error.Status.DebugException; at is not null; at = at.InnerException)
        {
            if (at is T)
            {
                return true;
            }
        }

        return false;
    }

    private static string Words(RpcException error)
    {
        var detail = error.Status.Detail.Length > 0 ? error.Status.Detail : "no details";
        return error.StatusCode switch
        {
            StatusCode.Unauthenticated => $"the token is missing or wrong ({detail}); set TRAINMON_TOKEN",
            StatusCode.PermissionDenied => $"the token does not allow it ({detail})",
            StatusCode.ResourceExhausted => $"the server is at a limit ({detail})",
            StatusCode.Aborted => $"a newer process took over ({detail})",
            StatusCode.Unimplemented => $"there is no Training Monitor at that address ({detail})",
            StatusCode.Unavailable when error.Status.DebugException is { } e => e.GetBaseException().Message,
            _ => $"{error.StatusCode}: {detail}",
        };
    }
}
