using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Tests.Log;

/// <summary>A disk that is full: a small tmpfs.</summary>
public sealed class FrameLogFailureTests : IDisposable
{
    private readonly SmallDisk folder = new(megabytes: 1);

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_full_disk_promises_nothing_and_loses_nothing_once_there_is_room()
    {
        folder.SkipUnlessMounted();
        var ballast = folder.File("ballast");
        await File.WriteAllBytesAsync(ballast, new byte[600 << 10], TestContext.Current.CancellationToken);
        var observer = new DurableObserver();
        var accepted = new List<long>();
        await using (var log = LogFolder.Open(folder.Path))
        {
            try
            {
                for (var i = 1; i <= 2000; i++)
                {
                    accepted.Add(log.Append(FrameRecordKind.Frame, "run", 0, 0, LogFolder.Body(i, 5000), observer));
                    if (i % 10 == 0)
                    {
                        await Task.WhenAny(observer.ReachesAsync(accepted[^1]), observer.Failed);
                    }
                }

                Assert.Fail("the disk never became full");
            }
            catch (IOException error)
            {
                error.Message.ShouldContain("cannot write");
            }

            (await observer.Failed).ShouldBeAssignableTo<IOException>();
            var promised = observer.Durable;
            promised.ShouldBeLessThan(accepted[^1]);
            log.DurablePosition.ShouldBe(promised);
            log.ReadAll().Count.ShouldBe((int)promised);
            Should.Throw<IOException>(() => log.Append(FrameRecordKind.Frame, "run", 0, 0, [1], observer));

            File.Delete(ballast);
            await observer.ReachesAsync(accepted[^1]);
            observer.Failures.ShouldBe(1);
            var next = log.Append(FrameRecordKind.Frame, "run", 0, 0, LogFolder.Body(99, 5000), observer);
            next.ShouldBe(accepted[^1] + 1);
            await observer.ReachesAsync(next);
            accepted.Add(next);
            log.ReadAll().Select(record => record.Position).ShouldBe(accepted);
            log.Damage.ShouldBeEmpty();
        }

        await using var again = LogFolder.Open(folder.Path);
        again.ReadAll().Select(record => record.Position).ShouldBe(accepted);
        again.Damage.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_log_that_is_closed_while_the_disk_is_full_ends_and_has_promised_nothing()
    {
        folder.SkipUnlessMounted();
        await File.WriteAllBytesAsync(folder.File("ballast"), new byte[1000 << 10], TestContext.Current.CancellationToken);
        var observer = new DurableObserver();
        var log = LogFolder.Open(folder.Path);
        log.Append(FrameRecordKind.Frame, "run", 0, 0, LogFolder.Body(1, 200_000), observer);
        await observer.Failed;
        await log.DisposeAsync();
        observer.Durable.ShouldBe(0);
    }
}
