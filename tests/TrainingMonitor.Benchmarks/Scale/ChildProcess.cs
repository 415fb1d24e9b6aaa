using System.Diagnostics;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>This program again, as a process of its own, with "child ARGUMENTS": talked to line by line.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    public int Id => process.Id;

    /// <summary>Starts it with the garbage collector and the thread pool that <c>trainmon serve</c> has, unless the environment says another collector.</summary>
    public static ChildProcess Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["child", .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["DOTNET_gcServer"] = Environment.GetEnvironmentVariable("DOTNET_gcServer") ?? "1";
        start.Environment["DOTNET_GCConserveMemory"] = Environment.GetEnvironmentVariable("DOTNET_GCConserveMemory") ?? "8";
        start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Says a line.</summary>
    public async Task SayAsync(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>The words after the one that an answer begins with.</summary>
    public async Task<string[]> AnswerAsync(string start)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return line.Split(' ')[1..];
            }
        }

        throw new InvalidOperationException($"A process ended; '{start}' was expected of it.");
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
