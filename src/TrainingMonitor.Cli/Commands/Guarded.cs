using Grpc.Core;
using TrainingMonitor.Cli.Connection;

namespace TrainingMonitor.Cli.Commands;

/// <summary>Runs a command's work and turns what goes wrong into one sentence and an exit code.</summary>
internal static class Guarded
{
    /// <summary>Never throws for what a person or a server can do wrong.</summary>
    public static async Task<int> RunAsync(CliContext context, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (CliException error)
        {
            await context.Error.WriteLineAsync(error.Message);
            return error.ExitCode;
        }
        catch (RpcException error)
        {
            var translated = RpcErrors.Translate(error);
            if (translated.ExitCode != ExitCodes.Interrupted)
            {
                await context.Error.WriteLineAsync(translated.Message);
            }

            return translated.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or HttpRequestException)
        {
            // The messages of these are written for people: by the system, or by the server's start-up checks.
            await context.Error.WriteLineAsync(error.Message);
            return ExitCodes.Failure;
        }
    }
}
