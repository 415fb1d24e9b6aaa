using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Tests.Support;

/// <summary>A center on a file of its own, or on what nodes share, that can be ended and started again.</summary>
internal sealed class CenterUnderTest(TimeProvider time, NotificationOptions options, Func<ISharedNotifications>? shared = null) : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    public NotificationCenter Center { get; private set; } = null!;

    public NotificationOptions Options { get; set; } = options;

    public string Path => folder.File("notifications.db");

    public void Start()
    {
        Center = NotificationCenter.Start(
            new NotificationCenterOptions
            {
                Notifications = Options, Path = Path, Shared = shared?.Invoke(), PageFormat = "http://127.0.0.1:4651/runs/{0}", External = "http://127.0.0.1:4651/",
            },
            time,
            NullLoggerFactory.Instance);
        SpinWait.SpinUntil(() => Center.Delivers, TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    public async Task RestartAsync()
    {
        await Center.DisposeAsync();
        Start();
    }

    public void Take(params Alert[] alerts) => TakeAsync(alerts[0].RunId, "mnist", alerts).Wait();

    public async Task TakeAsync(string run, string project, Alert[] alerts, bool? ended = null)
    {
        await Center.TakeAsync(run, project, alerts, ended, CancellationToken.None);
        if (shared is not null)
        {
            // What was put in is taken within a second; a test that counts does not wait for that.
            Center.Sweep();
        }
    }

    public ReceiverCounters Counters(string receiver) => Center.Receivers.Single(r => r.Name == receiver).Counters;

    public async ValueTask DisposeAsync()
    {
        await Center.DisposeAsync();
        folder.Dispose();
    }
}
