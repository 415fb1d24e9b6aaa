namespace TrainingMonitor.Notifications.Tests.Support;

internal static class Eventually
{
    /// <summary>Asks until it is so; the limit is far above need.</summary>
    public static async Task Async(Func<Task<bool>> condition, Action? meanwhile = null)
    {
        for (var end = DateTime.UtcNow.AddSeconds(60); DateTime.UtcNow < end; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            if (await condition())
            {
                return;
            }

            meanwhile?.Invoke();
        }

        Assert.Fail("It did not come to be so within 60 s.");
    }

    public static Task Async(Func<bool> condition, Action? meanwhile = null) => Async(() => Task.FromResult(condition()), meanwhile);
}
