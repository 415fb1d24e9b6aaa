using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

/// <summary>kill -9 of a process that appends: what it was promised is there.</summary>
public sealed class FrameLogKillTests : IDisposable
{
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
            using var child = ChildProcess.Start(typeof(FrameLogKillTests), nameof(Writer_process), folder.Path);
            await child.KillAfterAsync(promises);
            var promised = ChildProcess.LastPromise(folder.Path);
            await using var log = LogFolder.Open(folder.Path);
            var records = log.ReadAll();
            records.Select(record => record.Position).ShouldBe(Enumerable.Range(1, records.Count).Select(i => (long)i));
            records[^1].Position.ShouldBeGreaterThanOrEqualTo(promised);
            log.Damage.ShouldBeEmpty();
            foreach (var (position, _, body) in records)
            {
                body.AsSpan().SequenceEqual(LogFolder.Body(position)).ShouldBeTrue();
            }
        }
    }

    /// <summary>In the child process: appends and writes each promise to a file until it is killed. Without a parent: a hundred records.</summary>
    [Fact]
    public async Task Writer_process()
    {
        var parent = ChildProcess.Folder;
        var target = parent ?? folder.Path;
        await using var promises = ChildProcess.OpenPromises(target);
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
        ChildProcess.LastPromise(target).ShouldBe(100);
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
