using System.ComponentModel;
using System.Diagnostics;
using TrainingMonitor.Attach.Injection;

namespace TrainingMonitor.Cli.Demo;

/// <summary>A running training job.</summary>
internal sealed class TrainingProcess : IDisposable
{
    private const int KeptLines = 20;
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(10);
    private readonly Process process;
    private readonly Queue<string> errors = new();
    private readonly Queue<string> output = new();
    private readonly Lock gate = new();

    private TrainingProcess(Process process) => this.process = process;

    /// <summary>Exit code, once it has ended.</summary>
    public int ExitCode => process.ExitCode;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>The last lines of its standard error.</summary>
    public string LastErrors => Text(errors);

    /// <summary>The last lines of its standard output.</summary>
    public string LastOutput => Text(output);

    /// <summary>Starts it.</summary>
    /// <param name="start">Program and arguments, both outputs redirected.</param>
    /// <param name="environment">Variables to set.</param>
    /// <exception cref="CliException">It cannot be started.</exception>
    public static TrainingProcess Start(ProcessStartInfo start, IReadOnlyDictionary<string, string> environment)
    {
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            var running = new TrainingProcess(Process.Start(start) ?? throw new InvalidOperationException("no process"));
            running.Listen();
            return running;
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            throw new CliException(ExitCodes.Failure, $"The training job cannot be started ({start.FileName}: {error.Message}): check the .NET installation with 'dotnet --info'.", error);
        }
    }

    /// <summary>Completes when it has ended and its output is read.</summary>
    public Task WaitAsync(CancellationToken stop) => process.WaitForExitAsync(stop);

    /// <summary>Lets it end after its step; ends it by force where it does not.</summary>
    public async Task StopAsync()
    {
        if (process.HasExited)
        {
            return;
        }

        // First let it say goodbye. Ctrl-C in a terminal has reached it already, a signal to this process alone has not.
        Signals.AskToEnd(process.Id);
        using var patience = new CancellationTokenSource(StopTime);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    // Both are read all the time, so that the job never waits for a reader.
    private void Listen()
    {
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    private void Keep(Queue<string> lines, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (gate)
        {
            lines.Enqueue(line);
            if (lines.Count > KeptLines)
            {
                lines.Dequeue();
            }
        }
    }

    private string Text(Queue<string> lines)
    {
        lock (gate)
        {
            return string.Join(Environment.NewLine, lines);
        }
    }
}
