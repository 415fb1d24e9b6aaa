namespace TrainingMonitor.Server.Tests.Support;

internal static class Eventually
{
    /// <summary>Asks until it is so; fails after 60 s, far above need. What throws HttpRequestException is not so yet.</summary>
    public static async Task Async(Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow.AddSeconds(60); DateTime.UtcNow < end; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            try
            {
                if (await condition())
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }

        Assert.Fail("It did not come to be so within 60 s.");
    }
}
