using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>Writes logs to the file that TRAINMON_TEST_LOG names, to look into a test that fails.</summary>
internal sealed class FileLogs(string path) : ILoggerProvider
{
    private static readonly Lock Gate = new();

    public ILogger CreateLogger(string categoryName) => new One(path, categoryName);

    public void Dispose()
    {
        // Each line opens and closes the file.
    }

    private sealed class One(string path, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Gate)
            {
                File.AppendAllText(path, $"{DateTime.UtcNow:HH:mm:ss.fff} {logLevel} {category}: {formatter(state, exception)} {exception}\n");
            }
        }
    }
}
