using Microsoft.Extensions.Time.Testing;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Tests.Support;

namespace TrainingMonitor.Notifications.Tests.Delivery;

public sealed class NotificationCenterTests : NotificationCenterContract
{
    [Fact]
    public async Task A_damaged_file_is_kept_aside_and_delivery_goes_on()
    {
        await using var stub = await StubReceiver.StartAsync();
        var options = new NotificationOptions { Receivers = [new ReceiverOptions { Name = "hook", Kind = "webhook", Url = stub.Url.ToString() }] };
        await using var test = new CenterUnderTest(new FakeTimeProvider(Samples.Start), options);
        await File.WriteAllTextAsync(test.Path, new string('x', 5000), TestContext.Current.CancellationToken);
        test.Start();
        test.Take(Samples.Alert(1));
        await Eventually.Async(() => stub.Got.Count == 1);
        Directory.GetFiles(Path.GetDirectoryName(test.Path)!, "*.corrupt-*").Length.ShouldBe(1);
    }

    protected override Task<Func<ISharedNotifications>?> SharedAsync() => Task.FromResult<Func<ISharedNotifications>?>(null);
}
