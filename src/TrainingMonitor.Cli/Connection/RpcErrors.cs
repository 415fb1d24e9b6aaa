using Grpc.Core;
using TrainingMonitor.Client;

namespace TrainingMonitor.Cli.Connection;

/// <summary>gRPC statuses as sentences.</summary>
internal static class RpcErrors
{
    /// <summary>What to tell the person, and the exit code.</summary>
    public static CliException Translate(RpcException error, Uri? server = null, ClientTlsFiles? tls = null)
    {
        var detail = error.Status.Detail;
        var at = server is null ? "" : $" at {server.GetLeftPart(UriPartial.Authority)}";
        return error.StatusCode switch
        {
            StatusCode.NotFound => new CliException(ExitCodes.NotFound, $"{Sentence(detail)} List the runs with 'trainmon runs'.", error),
            StatusCode.PermissionDenied => new CliException(ExitCodes.Denied, $"The server{at} does not allow it: {Sentence(detail)}", error),
            StatusCode.Unauthenticated => new CliException(
                ExitCodes.Denied, $"The server{at} asks for a token: give it with --token or TRAINMON_TOKEN; 'trainmon token create' makes one; the server's own is in the file 'token' of its data folder.", error),
            StatusCode.Unavailable when TlsTrouble.Of(error.Status.DebugException, tls) is { } trouble => new CliException(ExitCodes.Unreachable, $"No safe connection to the server{at}: {trouble}.", error),
            StatusCode.Unavailable => new CliException(
                ExitCodes.Unreachable, $"No server answers{at}: start one with 'trainmon serve', or name another with --server.", error),
            StatusCode.DeadlineExceeded => new CliException(ExitCodes.Unreachable, $"The server{at} did not answer in time; try again, or look with 'trainmon doctor'.", error),
            StatusCode.Cancelled => new CliException(ExitCodes.Interrupted, "Interrupted.", error),
            StatusCode.InvalidArgument => new CliException(ExitCodes.Usage, Sentence(detail), error),
            _ => new CliException(ExitCodes.Failure, $"The server{at} failed: {Sentence(detail)} Its log says more.", error),
        };
    }

    private static string Sentence(string text) => text.Length == 0 ? "No reason was given." : text.TrimEnd('.', ' ') + ".";
}
