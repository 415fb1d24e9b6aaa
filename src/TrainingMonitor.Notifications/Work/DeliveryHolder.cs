using System.Data.Common;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Notifications.Keeping;

namespace TrainingMonitor.Notifications.Work;

/// <summary>Has delivery while this node may, and gives it up when another one has it. All times are the system's and the database's: an injected clock that stands still must not keep delivery.</summary>
/// <param name="database">Who has delivery is written there.</param>
/// <param name="owner">Name of this node.</param>
/// <param name="make">Makes the work for an epoch; the function says whether this is still the one that delivers.</param>
/// <param name="patience">Time that attempts under way have when this node stops.</param>
/// <param name="logger">Where changes of hands are said.</param>
internal sealed class DeliveryHolder(ISharedNotifications database, string owner, Func<long, Func<bool>, DeliveryWork> make, TimeSpan patience, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromSeconds(2);
    private readonly Guid node = Guid.NewGuid();
    private readonly CancellationTokenSource stopping = new();
    private Task loop = Task.CompletedTask;
    private DeliveryWork? work;
    private long epoch;
    private long renewed;

    /// <summary>The work, while this node has it.</summary>
    public DeliveryWork? Current => Volatile.Read(ref work);

    /// <summary>Whether this node has delivery and nobody else can. After a pause of the process it does not know, and says no.</summary>
    public bool Holds => Current is not null && IsFresh;

    private bool IsFresh => Stopwatch.GetElapsedTime(Volatile.Read(ref renewed)) < Length;

    public void Start() => loop = Task.Run(RunAsync);

    /// <summary>Ends the work and lets another node have it.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await loop;
        await EndAsync(patience);
        try
        {
            database.LetGo(node);
        }
        catch (DbException)
        {
            // Then the others wait until the time is over.
        }

        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await LookAsync();
                await Task.Delay(Interval, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    private async Task LookAsync()
    {
        try
        {
            var started = Stopwatch.GetTimestamp();
            if (database.Hold(node, owner, Length) is not { } held)
            {
                await LoseAsync();
                return;
            }

            Volatile.Write(ref renewed, started);
            if (work is null || held != epoch)
            {
                await EndAsync(TimeSpan.Zero);
                await BeginAsync(held);
            }
        }
        catch (DbException error)
        {
            NotificationMessages.HoldFailed(logger, error);
            if (!IsFresh)
            {
                await LoseAsync();
            }
        }
    }

    private async Task BeginAsync(long held)
    {
        Volatile.Write(ref epoch, held);
        var made = make(held, () => Volatile.Read(ref epoch) == held && IsFresh);
        try
        {
            made.Start();
            Volatile.Write(ref work, made);
            NotificationMessages.Delivers(logger, held);
        }
        catch (Exception error) when (error is DbException or DeliveryLostException)
        {
            NotificationMessages.HoldFailed(logger, error);
            await EndAsync(made, TimeSpan.Zero);
        }
    }

    private async Task LoseAsync()
    {
        if (work is not null)
        {
            NotificationMessages.DeliversNoMore(logger, epoch);
            await EndAsync(TimeSpan.Zero);
        }
    }

    private async Task EndAsync(TimeSpan time)
    {
        if (work is { } ending)
        {
            Volatile.Write(ref work, null);
            await EndAsync(ending, time);
        }
    }

    private async Task EndAsync(DeliveryWork ending, TimeSpan time)
    {
        await ending.StopAsync(time);
        ending.Dispose();
        Volatile.Write(ref epoch, 0);
    }
}
