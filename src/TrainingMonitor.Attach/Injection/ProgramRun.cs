using System.Diagnostics;

namespace TrainingMonitor.Attach.Injection;

/// <summary>Runs a program to its end within a time, and keeps what it said.</summary>
internal static class ProgramRun
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(5);

    /// <summary>Exit code and all output; code null: it was asked to end because the time was up.</summary>
    /// <param name="program">Path.</param>
    /// <param name="arguments">Arguments.</param>
    /// <param name="time">Time it has.</param>
    /// <param name="stop">Ends it as the time does.</param>
    public static async Task<(int? Code, string Said)> Of(string program, IReadOnlyList<string> arguments, TimeSpan time, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

        // Of another Python than the one these may be meant for: gdb has its own inside.
        start.Environment.Remove("PYTHONPATH");
        start.Environment.Remove("PYTHONHOME");
        using var process = Process.Start(start) ?? throw new InjectionException($"{program} cannot be started");
        process.StandardInput.Close();
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(time);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, string.Concat(await said));
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            return (null, string.Concat(await said));
        }
    }

    // Never killed at once: a debugger that is asked to end takes its breakpoints out and lets go.
    private static async Task EndAsync(Process process)
    {
        Signals.AskToEnd(process.Id);
        using var patience = new CancellationTokenSource(EndTime);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
