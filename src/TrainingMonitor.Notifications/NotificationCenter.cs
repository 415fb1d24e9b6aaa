using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Receivers;
using TrainingMonitor.Notifications.Work;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications;

/// <summary>Delivery of alerts. What <see cref="TakeAsync"/> has taken is delivered at least once to every receiver it is routed to, whatever is killed in between, within
/// the limits of the options: docs/notifications.md. Thread-safe.</summary>
public sealed partial class NotificationCenter : IAsyncDisposable
{
    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(5);
    private readonly NotificationCenterOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly INotificationDatabase database;
    private readonly NotificationStore store;
    private readonly Dictionary<string, Receiver> receivers;
    private readonly AlertIntake intake;
    private readonly MemoryIntake waiting;
    private readonly DeliveryHolder? holder;
    private readonly DeliveryWork? work;
    private readonly ConcurrentDictionary<string, (bool Ended, DateTimeOffset Said)> ends = new(StringComparer.Ordinal);

    private NotificationCenter(NotificationCenterOptions options, TimeProvider time, ILogger logger)
    {
        (this.options, this.time, this.logger) = (options, time, logger);
        database = options.Shared ?? (INotificationDatabase)new SqliteNotifications(options.Path, time, (aside, reason) => NotificationMessages.MovedAside(logger, options.Path, reason, aside));
        store = new NotificationStore(database);
        receivers = options.Notifications.Receivers.ToDictionary(
            receiver => receiver.Name, receiver => new Receiver(receiver, NotifierFactory.Create(receiver, options.External, options.Variable, time)), StringComparer.Ordinal);
        intake = Intake(store);
        waiting = new MemoryIntake(intake, logger);
        if (options.Shared is null)
        {
            work = new DeliveryWork(store, intake, receivers, options, time, logger, waiting.Retry, may: null);
        }
        else
        {
            holder = new DeliveryHolder(options.Shared, options.Node, Make, options.StopTimeout, logger);
        }
    }

    /// <summary>Whether this node delivers. One server always does; of the nodes of a cluster one does.</summary>
    public bool Delivers => holder?.Holds ?? true;

    /// <summary>Receivers, in the order of the configuration. What was sent is what this node has sent; what waits is the same at every node.</summary>
    public IReadOnlyList<ReceiverStatus> Receivers =>
        [.. receivers.Values.Select(receiver => new ReceiverStatus(receiver.Name, receiver.Options.Kind, Waiting(receiver), receiver.Counters, receiver.LastError))];

    /// <summary>Transitions that could not be written to the file yet.</summary>
    public int InMemory => waiting.Count;

    /// <summary>Transitions that were lost because the file could not be written for too long.</summary>
    public long Lost => waiting.Lost;

    /// <summary>Opens what is kept and goes on with what waits in it; in a cluster as soon as this node may.</summary>
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
        catch (Exception error) when (error is DbException or IOException)
        {
            throw new InvalidOperationException($"The notifications file {options.Path} cannot be opened: {error.Message}", error);
        }

        NotificationMessages.Started(center.logger, options.Notifications);
        center.work?.Start();
        center.holder?.Start();
        return center;
    }

    /// <summary>Takes transitions of a run in; they are durable when it completes. What it has had already, it knows. A file that cannot be written is no error: then they wait in memory.</summary>
    /// <param name="run">The run.</param>
    /// <param name="project">Its project; may be empty.</param>
    /// <param name="alerts">Transitions, in order.</param>
    /// <param name="ended">Whether the run has ended; null: nothing new about that.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">What the nodes share does not answer: try again.</exception>
    public async Task TakeAsync(string run, string project, IReadOnlyList<Alert> alerts, bool? ended, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alerts);
        if (options.Shared is not { } shared)
        {
            waiting.Take(run, project, alerts, ended);
            return;
        }

        // A run says at each write that it goes on. That is worth a row only now and then; another node may have said otherwise in between.
        var now = time.GetUtcNow();
        var news = ended is { } over && !(ends.TryGetValue(run, out var known) && known.Ended == over && now - known.Said < SayAgain) ? ended : null;
        if (alerts.Count > 0 || news is not null)
        {
            await shared.PostAsync(run, project, alerts, news, cancellationToken);
            if (news is { } said)
            {
                ends[run] = (said, now);
            }
        }
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

    /// <summary>Lets attempts under way end; what waits goes on with the next start, in a cluster at another node.</summary>
    public async ValueTask DisposeAsync()
    {
        if (work is not null)
        {
            await work.StopAsync(options.StopTimeout);
            work.Dispose();
        }

        await (holder?.DisposeAsync() ?? ValueTask.CompletedTask);
        foreach (var receiver in receivers.Values)
        {
            receiver.Dispose();
        }

        database.Dispose();
    }

    /// <summary>One look at silences, repeats, ended runs and the inbox, where this delivers.</summary>
    internal void Sweep() => (work ?? holder?.Current)?.Sweep();

    private AlertIntake Intake(NotificationStore kept) => new(kept, new Router(options.Notifications), receivers, options.Notifications, time, Dropped);

    private DeliveryWork Make(long epoch, Func<bool> may)
    {
        var kept = new NotificationStore(database, epoch);
        return new DeliveryWork(kept, Intake(kept), receivers, options, time, logger, () => { }, may);
    }

    /// <summary>A database that is away must not take the metrics with it.</summary>
    private int Waiting(Receiver receiver)
    {
        try
        {
            return receiver.LastWaiting = store.Waiting(receiver.Name);
        }
        catch (DbException) when (options.Shared is not null)
        {
            return receiver.LastWaiting;
        }
    }

    private void Dropped(Receiver receiver, int count)
    {
        receiver.Counters.Drop(count);
        NotificationMessages.Dropped(logger, count, receiver.Name, "too many wait");
    }

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
}
