using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Ingest;

namespace TrainingMonitor.Server.Tests.Ingest;

public sealed class ClockSkewWarningTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1.5, false)]
    [InlineData(3, true)]
    [InlineData(-10, false)] // the first message took its time
    [InlineData(-40, true)]
    public void A_clock_that_is_off_is_told_from_a_message_that_took_its_time(double seconds, bool said)
    {
        var log = new Lines();
        var warning = new ClockSkewWarning();
        for (var rank = 0; rank < 2; rank++)
        {
            warning.Check(new Hello { RunId = "r", Host = "h", TimeUnixNs = (Now - DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(seconds)).Ticks * 100 }, Now, log);
        }

        log.Said.Count.ShouldBe(said ? 1 : 0);
    }

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));
    }
}
