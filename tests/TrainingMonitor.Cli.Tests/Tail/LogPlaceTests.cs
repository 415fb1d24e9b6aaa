using TrainingMonitor.Cli.Tail;
using TrainingMonitor.Logs;
using TrainingMonitor.Logs.Following;
using TrainingMonitor.Logs.Naming;

namespace TrainingMonitor.Cli.Tests.Tail;

public sealed class LogPlaceTests
{
    [Theory]
    [InlineData("a new run is sent whole", -1, 0, 1, 2, 3)]
    [InlineData("what the server has is passed over", 2, 2, 1, 2, 3)]
    [InlineData("nothing new", 3, 3, 1, 2, 3)]
    [InlineData("the newest of two stretches", 3, 5, 1, 2, 3, 2, 3, 4)]
    [InlineData("a rewind since", 4, 4, 1, 2, 3, 4, 2, 3)]
    [InlineData("another log in its place", 500, 0, 1, 2, 3)]
    [InlineData("another log with a rewind", 500, 3, 1, 2, 3, 1, 2)]
    [InlineData("a step that is not in the log", 25, 2, 10, 20, 30)]
    public void It_goes_on_behind_what_the_server_has(string what, long serverStep, long skip, params int[] steps) =>
        LogPlace.After(new Listed(steps), new NameMap(), serverStep).ShouldBe(skip, what);

    private sealed class Listed(int[] steps) : ILogSource
    {
        public LogFormat? Format => LogFormat.JsonLines;

        public long Skipped => 0;

        public int Replaced => 0;

        public string? Broken => null;

        public IEnumerable<LogEntry> Poll() => steps.Select(step => new LogEntry { Step = step, Values = [new("loss", 1)] });
    }
}
