using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>The load generator, a process of its own.</summary>
internal sealed class LoadProcess : IAsyncDisposable
{
    private readonly ChildProcess child;

    private LoadProcess(ChildProcess child) => this.child = child;

    public int Id => child.Id;

    /// <summary>Starts it; runs are spread evenly over the servers.</summary>
    public static LoadProcess Start(params IEnumerable<Uri> servers) => new(ChildProcess.Start(["scale-load", .. servers.Select(server => server.ToString())]));

    /// <summary>Opens runs, until each has its first two steps durable.</summary>
    /// <param name="runs">How many.</param>
    /// <param name="layers">Layers of each.</param>
    /// <param name="age">Steps each is old.</param>
    /// <param name="follow">Whether they go to the node they are sent to.</param>
    public async Task OpenAsync(int runs, int layers, int age, bool follow = false)
    {
        await child.SayAsync(string.Create(CultureInfo.InvariantCulture, $"open {runs} {layers} {age} {(follow ? "follow" : "stay")}"));
        await child.AnswerAsync("opened");
    }

    /// <summary>Sends steps of each run as fast as it goes; seconds until all are durable.</summary>
    public async Task<double> SendAsync(int steps)
    {
        await child.SayAsync(string.Create(CultureInfo.InvariantCulture, $"send {steps}"));
        return Number((await child.AnswerAsync("sent"))[0]);
    }

    /// <summary>Begins to send at a pace.</summary>
    public Task PaceAsync(double stepsPerSecond) => child.SayAsync(string.Create(CultureInfo.InvariantCulture, $"pace {stepsPerSecond}"));

    /// <summary>What became durable since the last report.</summary>
    public async Task<LoadReport> ReportAsync()
    {
        await child.SayAsync("report");
        var words = await child.AnswerAsync("report");
        return new LoadReport(Number(words[0]), Number(words[1]), Number(words[2]), Number(words[3]), Number(words[4]));
    }

    /// <summary>Closes the streams of the runs.</summary>
    public async Task CloseAsync()
    {
        await child.SayAsync("close");
        await child.AnswerAsync("closed");
    }

    public ValueTask DisposeAsync() => child.DisposeAsync();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
