using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Receivers;
using TrainingMonitor.Notifications.Work;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications;

/// <summary>Delivery of alerts. What <see cref="Take"/> has taken is delivered at least once to every receiver it is routed to, whatever is killed in between, within
/// the limits of the options: docs/notifications.md. Thread-safe.</summary>
public sealed partial class NotificationCenter : IAsyncDisposable
{
    private readonly NotificationCenterOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly NotificationStore store;
    private readonly Dictionary<string, Receiver> receivers;
    private readonly AlertIntake intake;
    private readonly Sweeper sweeper;
    private readonly MemoryIntake waiting;
    private readonly CancellationTokenSource stopping = new(), abort = new();
    private readonly List<Task> work = [];

    private NotificationCenter(NotificationCenterOptions options, TimeProvider time, ILogger logger)
    {
        (this.options, this.time, this.logger) = (options, time, logger);
        store = new NotificationStore(options.Path, time, (aside, reason) => NotificationMessages.MovedAside(logger, options.Path, reason, aside));
        receivers = options.Notifications.Receivers.ToDictionary(
            receiver => receiver.Name, receiver => new Receiver(receiver, NotifierFactory.Create(receiver, options.External, options.Variable, time)), StringComparer.Ordinal);
        intake = new AlertIntake(store, new Router(options.Notifications), receivers, options.Notifications, time, Dropped);
        sweeper = new Sweeper(store, intake, receivers, options.Notifications, time);
        waiting = new MemoryIntake(intake, logger);
    }

    /// <summary>Receivers, in the order of the configuration.</summary>
    public IReadOnlyList<ReceiverStatus> Receivers =>
        [.. receivers.Values.Select(receiver => new ReceiverStatus(receiver.Name, receiver.Options.Kind, store.Waiting(receiver.Name), receiver.Counters, receiver.LastError))];

    /// <summary>Transitions that could not be written to the file yet.</summary>
    public int InMemory => waiting.Count;

    /// <summary>Transitions that were lost because the file could not be written for too long.</summary>
    public long Lost => waiting.Lost;

    /// <summary>Opens the file and goes on with what waits in it.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be opened.</exception>
    public static NotificationCenter Start(NotificationCenterOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggers);
        NotificationCenter center;
        try
        {
            center = new NotificationCenter(options, time, loggers.CreateLogger<NotificationCenter>());
        }
        catch (Exception error) when (error is Microsoft.Data.Sqlite.SqliteException or IOException)
        {
            throw new InvalidOperationException($"The notifications file {options.Path} cannot be opened: {error.Message}", error);
        }

        center.Begin();
        return center;
    }

    /// <summary>Takes transitions of a run in; they are durable when it returns. What it has had already, it knows. Never throws for a disk that fails: then they wait in memory.</summary>
    /// <param name="run">The run.</param>
    /// <param name="project">Its project; may be empty.</param>
    /// <param name="alerts">Transitions, in order.</param>
    /// <param name="ended">Whether the run has ended; null: nothing new about that.</param>
    public void Take(string run, string project, IReadOnlyList<Alert> alerts, bool? ended = null)
    {
        ArgumentNullException.ThrowIfNull(alerts);
        waiting.Take(run, project, alerts, ended);
    }

    /// <summary>Runs with alerts that fire as far as this knows, and the smallest ordinal among those.</summary>
    public IReadOnlyList<(string Run, string Project, ulong Ordinal)> FiringRuns => store.FiringRuns();

    /// <summary>Sends a test to one receiver or (null) all, past queues, routes and silences.</summary>
    public async Task<IReadOnlyList<TestResult>> TestAsync(string? to, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var alert = new Alert
        {
            Id = "trainmon-test/notify_test", RunId = "trainmon-test", Rule = "notify_test", Severity = Severity.Info, State = AlertState.Firing, TimeUnixNs = now.ToUnixTimeMilliseconds() * 1_000_000,
            Summary = "This is a test of Training Monitor's notifications.", Advice = "Nothing: somebody tries out whether this arrives.",
        };
        var tried = receivers.Values.Where(receiver => to is null || string.Equals(receiver.Name, to, StringComparison.Ordinal)).Select(async receiver =>
        {
            var test = new Notification(alert, "", NotificationStatus.Firing, now, null) { Page = options.External };
            var result = await receiver.Notifier.SendAsync([test], cancellationToken);
            if (result.Outcome == DeliveryOutcome.Delivered && receiver.Notifier.TakesAcknowledgements)
            {
                // Nobody is to be called for a test for longer than it takes to see it.
                result = await receiver.Notifier.SendAsync([test with { Status = NotificationStatus.Resolved, EndsAt = now }], cancellationToken);
            }

            return new TestResult(receiver.Name, receiver.Options.Kind, result.Outcome == DeliveryOutcome.Delivered, result.Message);
        });
        return await Task.WhenAll(tried);
    }

    /// <summary>Lets attempts under way end; what waits goes on with the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAny(Task.WhenAll(work), Task.Delay(options.StopTimeout));
        await abort.CancelAsync();
        await Task.WhenAll(work);
        foreach (var receiver in receivers.Values)
        {
            receiver.Dispose();
        }

        store.Dispose();
        stopping.Dispose();
        abort.Dispose();
    }

    /// <summary>One look at silences, repeats and ended runs.</summary>
    internal void Sweep()
    {
        try
        {
            waiting.Retry();
            sweeper.Sweep();
        }
        catch (Microsoft.Data.Sqlite.SqliteException error)
        {
            NotificationMessages.SweepFailed(logger, error);
        }
    }

    private void Begin()
    {
        NotificationMessages.Started(logger, options.Notifications);
        sweeper.Reroute();
        Sweep();
        work.AddRange(receivers.Values.Select(receiver => Task.Run(() =>
            new ReceiverWorker(receiver, store, options.Notifications, options.PageFormat, time, logger).RunAsync(stopping.Token, abort.Token))));
        work.Add(Task.Run(SweepOftenAsync));
    }

    private async Task SweepOftenAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.SweepInterval, time, stopping.Token);
                Sweep();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private void Dropped(Receiver receiver, int count)
    {
        receiver.Counters.Drop(count);
        NotificationMessages.Dropped(logger, count, receiver.Name, "too many wait");
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
}
