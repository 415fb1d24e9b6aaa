using System.Diagnostics;
using System.Text.Json;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>Starts <c>trainmon agent</c> in a session of its own: it outlives this command and its terminal.</summary>
internal static class AgentProcess
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    /// <summary>Starts it and waits until it listens.</summary>
    /// <returns>Its process id.</returns>
    /// <exception cref="CliException">It did not start.</exception>
    public static async Task<int> StartAsync(AgentRequest request, CancellationToken stop)
    {
        var self = Environment.ProcessPath ?? throw new CliException(ExitCodes.Failure, "The path of this program is not known; the agent cannot be started.");
        string[] program = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, Path.Combine(AppContext.BaseDirectory, "trainmon.dll")] : [self];
        var start = new ProcessStartInfo("setsid", [.. program, "agent", "--attached"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Beside a training it has a run or two to carry, and the machine's cores are not its own: the small collector, docs/design/150.
        start.Environment["DOTNET_gcServer"] = "0";
        using var process = Process.Start(start) ?? throw new CliException(ExitCodes.Failure, "The agent cannot be started.");
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request, CliJson.Default.AgentRequest));
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(StartTime);
        try
        {
            if (await process.StandardOutput.ReadLineAsync(patience.Token) == AgentRun.Listening)
            {
                return process.Id;
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            stop.ThrowIfCancellationRequested();
            throw new CliException(ExitCodes.Failure, $"The agent did not start within {StartTime.TotalSeconds:0} s.");
        }

        throw new CliException(ExitCodes.Failure, $"The agent did not start: {(await process.StandardError.ReadToEndAsync(stop)).Trim()}");
    }
}
