using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Tests.Support;

/// <summary>A center on a file of its own that can be ended and started again.</summary>
internal sealed class CenterUnderTest(TimeProvider time, NotificationOptions options) : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();

    public NotificationCenter Center { get; private set; } = null!;

    public NotificationOptions Options { get; set; } = options;

    public string Path => folder.File("notifications.db");

    public void Start() => Center = NotificationCenter.Start(
        new NotificationCenterOptions { Notifications = Options, Path = Path, PageFormat = "http://127.0.0.1:4651/runs/{0}", External = "http://127.0.0.1:4651/" }, time, NullLoggerFactory.Instance);

    public async Task RestartAsync()
    {
        await Center.DisposeAsync();
        Start();
    }

    public void Take(params Alert[] alerts) => Center.Take(alerts[0].RunId, "mnist", alerts);

    public ReceiverCounters Counters(string receiver) => Center.Receivers.Single(r => r.Name == receiver).Counters;

    public async ValueTask DisposeAsync()
    {
        await Center.DisposeAsync();
        folder.Dispose();
    }
}
