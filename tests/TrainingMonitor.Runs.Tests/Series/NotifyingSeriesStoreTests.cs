using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Notifications;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Runs.Tests.Kit;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Tests.Series;

/// <summary>Delivery beside the store: it has alerts first, and catches up with what came while it was off.</summary>
public sealed class NotifyingSeriesStoreTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("trainmon-test-").FullName;
    private DuckDbSeriesStore store = null!;
    private NotificationCenter center = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        store = DuckDbSeriesStore.Open(new DuckDbOptions { Path = Path.Combine(folder, "series.duckdb") }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);
        center = NotificationCenter.Start(
            new NotificationCenterOptions
            {
                Path = Path.Combine(folder, "notifications.db"),
                Notifications = new NotificationOptions { Receivers = [new ReceiverOptions { Name = "script", Kind = "command", Program = "/bin/true" }] },
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await center.DisposeAsync();
        await store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_fires_in_runs_that_go_on_is_caught_up_with_and_so_is_its_end()
    {
        await store.WriteAsync([Write("live", 1, RunState.Running, Alert("live", 1, AlertState.Firing)), Write("over", 2, RunState.Finished, Alert("over", 1, AlertState.Firing))], Stop);
        await NotifyingSeriesStore.CreateAsync(store, center, Stop);
        center.FiringRuns.ShouldBe([("live", "p", 1ul)]);
        await store.WriteAsync([Write("live", 3, RunState.Running, Alert("live", 2, AlertState.Resolved))], Stop);
        await NotifyingSeriesStore.CreateAsync(store, center, Stop);
        center.FiringRuns.ShouldBeEmpty();
        await SentAsync(2);
    }

    [Fact]
    public async Task Delivery_has_an_alert_before_the_store_and_once_when_the_write_comes_again()
    {
        var failing = new MemorySeries { Failures = 1 };
        var notifying = await NotifyingSeriesStore.CreateAsync(new Listed(failing, store), center, Stop);
        var batch = new[] { Write("live", 1, RunState.Running, Alert("live", 1, AlertState.Firing)) };
        await Should.ThrowAsync<IOException>(notifying.WriteAsync(batch, Stop));
        center.FiringRuns.ShouldBe([("live", "p", 1ul)]);
        await notifying.WriteAsync(batch, Stop);
        await notifying.WriteAsync([Write("live", 2, RunState.Running, Alert("live", 2, AlertState.Resolved))], Stop);
        await SentAsync(2);
        failing.Written("live").Count.ShouldBeGreaterThan(1);
    }

    private async Task SentAsync(long count)
    {
        for (var end = DateTime.UtcNow.AddSeconds(60); center.Receivers.Single().Waiting > 0 || center.Receivers.Single().Counters.Sent < count; await Task.Delay(20, Stop))
        {
            DateTime.UtcNow.ShouldBeLessThan(end);
        }

        center.Receivers.Single().Counters.Sent.ShouldBe(count);
    }

    private static Alert Alert(string run, ulong ordinal, AlertState state) => new()
    {
        Id = run + "/divergence", RunId = run, Rule = "divergence", Ordinal = ordinal, State = state, Severity = Severity.Critical, TimeUnixNs = (long)ordinal, Step = ordinal, Summary = "s", Evidence = new Evidence(),
    };

    private static RunWrites Write(string run, long position, RunState state, Alert alert)
    {
        var summary = new RunSummary { RunId = run, Project = "p", State = state, FiringAlerts = alert.State == AlertState.Firing ? 1u : 0 };
        return new RunWrites(run, position) { Project = "p", Alerts = [alert], Row = new RunRow(summary.ToByteArray(), new RunDetail { Summary = summary }.ToByteArray()) };
    }

    /// <summary>Writes into one store and lists another, which is empty.</summary>
    private sealed class Listed(ISeriesStore writes, ISeriesStore lists) : ISeriesStore
    {
        public Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken) => writes.WriteAsync(batch, cancellationToken);

        public Task<IReadOnlyDictionary<string, long>> CommittedPositionsAsync(CancellationToken cancellationToken) => lists.CommittedPositionsAsync(cancellationToken);

        public Task<long> CommittedPositionAsync(string runId, CancellationToken cancellationToken) => lists.CommittedPositionAsync(runId, cancellationToken);

        public Task<IReadOnlyList<RunSummary>> ListRunsAsync(string project, int limit, CancellationToken cancellationToken) => lists.ListRunsAsync(project, limit, cancellationToken);

        public Task<RunDetail?> GetRunAsync(string runId, CancellationToken cancellationToken) => lists.GetRunAsync(runId, cancellationToken);

        public Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken) => lists.GetSeriesAsync(request, cancellationToken);

        public Task<IReadOnlyList<SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken) => lists.ListSeriesAsync(runId, cancellationToken);

        public Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken) => lists.ListAlertsAsync(request, cancellationToken);

        public Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken) => lists.GetAroundAsync(request, cancellationToken);

        public Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken) => lists.ExportAsync(runId, path, format, layers, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
