using System.Diagnostics;

namespace TrainingMonitor.Storage.Tests;

/// <summary>A test method in a process of its own, for kill -9. It writes what it was promised to a file, 8 bytes a promise.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const string FolderVariable = "TRAINMON_TEST_CHILD_FOLDER";
    private readonly Process process;
    private readonly string promises;

    private ChildProcess(Process process, string promises)
    {
        this.process = process;
        this.promises = promises;
    }

    /// <summary>In the child: its folder. Null: this is no child.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable(FolderVariable);

    public static FileStream OpenPromises(string folder) =>
        new(Path.Combine(folder, "promises"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public static long LastPromise(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "promises"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length / 8 * 8];
        file.ReadExactly(bytes);
        return BitConverter.ToInt64(bytes, bytes.Length - 8);
    }

    public static ChildProcess Start(Type test, string method, string folder)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Sockets of the diagnostics in the temporary folder outlive a kill -9.
            Environment = { [FolderVariable] = folder, ["DOTNET_EnableDiagnostics"] = "0" },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(test.Assembly.Location);
        }

        foreach (var argument in new[] { "--filter-method", $"{test.FullName}.{method}", "--results-directory", folder })
        {
            start.ArgumentList.Add(argument);
        }

        var child = Process.Start(start)!;
        child.BeginOutputReadLine();
        child.BeginErrorReadLine();
        return new ChildProcess(child, Path.Combine(folder, "promises"));
    }

    /// <summary>Kills the child after so many more promises.</summary>
    public async Task KillAfterAsync(int count)
    {
        var target = Count() + count;
        try
        {
            while (Count() < target)
            {
                process.HasExited.ShouldBeFalse("the child ended by itself");
                await Task.Delay(2);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    public void Dispose() => process.Dispose();

    private long Count() => File.Exists(promises) ? new FileInfo(promises).Length / 8 : 0;
}
