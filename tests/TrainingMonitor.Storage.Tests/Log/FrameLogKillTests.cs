using System.Diagnostics;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

/// <summary>kill -9 of a process that appends: what it was promised is there.</summary>
public sealed class FrameLogKillTests : IDisposable
{
    private const string FolderVariable = "TRAINMON_TEST_LOG_FOLDER";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(20)]
    [InlineData(300)]
    [InlineData(800)]
    public async Task Every_promised_record_survives(int promises)
    {
        for (var round = 0; round < 2; round++)
        {
            var before = PromiseCount();
            using var child = StartWriter();
            try
            {
                while (PromiseCount() < before + promises)
                {
                    child.HasExited.ShouldBeFalse("the writer process ended by itself");
                    await Task.Delay(2, TestContext.Current.CancellationToken);
                }
            }
            finally
            {
                child.Kill();
                await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            var promised = LastPromise();
            await using var log = LogFolder.Open(folder.Path);
            var records = log.ReadAll();
            records.Count.ShouldBeGreaterThanOrEqualTo((int)promised);
            records[^1].Position.ShouldBeGreaterThanOrEqualTo(promised);
            log.Damage.ShouldBeEmpty();
            foreach (var (position, _, body) in records)
            {
                body.ShouldBe(LogFolder.Body(position));
            }
        }
    }

    /// <summary>In the child process: appends and writes each promise to a file until it is killed. Without a parent: a hundred records.</summary>
    [Fact]
    public async Task Writer_process()
    {
        var parent = Environment.GetEnvironmentVariable(FolderVariable);
        var target = parent ?? folder.Path;
        await using var promises = new FileStream(Path.Combine(target, "promises"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await using var log = LogFolder.Open(target, options => options with { SegmentBytes = 64 << 10 });
        var observer = new PromiseWriter(promises);
        for (var count = 0; parent is not null || count < 100; count++)
        {
            var position = log.LastPosition + 1;
            log.Append(FrameRecordKind.Frame, "run", 0, 0, LogFolder.Body(position), observer);
            if (position % 20 == 0)
            {
                await observer.Told.WaitAsync(TestContext.Current.CancellationToken);
            }
        }

        await log.DisposeAsync();
        LastPromise().ShouldBe(100);
    }

    private long PromiseCount() => File.Exists(folder.File("promises")) ? new FileInfo(folder.File("promises")).Length / 8 : 0;

    private long LastPromise()
    {
        var bytes = ReadShared(folder.File("promises"));
        return BitConverter.ToInt64(bytes, (bytes.Length / 8 * 8) - 8);
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private Process StartWriter()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [FolderVariable] = folder.Path },
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(FrameLogKillTests).Assembly.Location);
        }

        foreach (var argument in new[] { "--filter-method", $"{typeof(FrameLogKillTests).FullName}.{nameof(Writer_process)}", "--results-directory", folder.Path })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private sealed class PromiseWriter(FileStream promises) : IFrameLogObserver
    {
        public SemaphoreSlim Told { get; } = new(0);

        public void OnDurable(long position)
        {
            promises.Write(BitConverter.GetBytes(position));
            Told.Release();
        }

        public void OnFailed(Exception error) => throw error;
    }
}
