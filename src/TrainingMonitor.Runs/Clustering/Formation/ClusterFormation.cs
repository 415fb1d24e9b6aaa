using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Runs.Clustering.Formation;

/// <summary>Joins the cluster there is, or forms the first one: docs/design/141. Nobody forms one because nobody answered; the shared store says who may.</summary>
internal sealed partial class ClusterFormation(ClusterOptions options, IMemberBook book, MemberEntry self, Cluster cluster, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinTime = TimeSpan.FromSeconds(5);
    private long? alone;

    private TimeSpan Within => TimeSpan.FromSeconds(options.FormationSeconds);

    /// <summary>Returns when this node is up.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cluster.RegisterOnMemberUp(() => up.TrySetResult());
        while (!up.Task.IsCompleted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (cluster.IsTerminated)
            {
                throw new InvalidOperationException("The cluster has refused this node, or removed it while it joined.");
            }

            try
            {
                await TryAsync(up.Task, cancellationToken);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // That a store does not answer says all; what else goes wrong is a defect, and its place is wanted.
                LogRetry(error.Message, error is IOException ? null : error);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    /// <summary>Renews this node's entry until it is cancelled, and ends the node where it is in the smaller of two clusters.</summary>
    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        var island = new IslandWatch(Within * 2, time);
        while (true)
        {
            try
            {
                await book.BeatAsync(self with { Joined = cluster.SelfMember.Status is MemberStatus.Up or MemberStatus.Leaving }, cancellationToken);
                var joined = await JoinedAsync(cancellationToken);
                var mine = Members();
                if (cluster.SelfMember.Status == MemberStatus.Up && island.MustEnd(mine, joined))
                {
                    LogIsland(string.Join(", ", joined.Except(mine, StringComparer.Ordinal)));
                    await CoordinatedShutdown.Get(cluster.System).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
                    return;
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                LogNoBeat(error);
            }

            await Task.Delay(Within / 4, time, cancellationToken);
        }
    }

    private async Task TryAsync(Task up, CancellationToken cancellationToken)
    {
        await book.BeatAsync(self with { Joined = false }, cancellationToken);
        var joined = (await JoinedAsync(cancellationToken)).FindAll(address => address != self.Address);
        alone = joined.Count == 0 ? alone ?? time.GetTimestamp() : null;

        // Not at the first look: after an outage of the store the entries of a whole healthy cluster are old until its nodes have renewed them.
        if (alone is { } since && time.GetElapsedTime(since) >= Within && await book.MayFormAsync(self, Within, cancellationToken))
        {
            LogForms(self.Address);
            cluster.Join(cluster.SelfAddress);
            await up.WaitAsync(cancellationToken);
            await book.BeatAsync(self with { Joined = true }, cancellationToken);
            return;
        }

        var contacts = joined.Count > 0 ? joined : [.. (await SeedResolver.ResolveAsync(options.Seeds, cancellationToken)).Where(seed => seed != self.Address)];
        if (contacts.Count > 0)
        {
            LogJoins(contacts.Count, contacts[0]);
            cluster.JoinSeedNodes(contacts.Select(Address));
        }

        await Task.WhenAny(up, Task.Delay(joined.Count > 0 ? JoinTime : Pause, time, cancellationToken));
    }

    private async Task<List<string>> JoinedAsync(CancellationToken cancellationToken) =>
        [.. (await book.LiveAsync(Within, cancellationToken)).Where(member => member.Joined).Select(member => member.Address)];

    private List<string> Members() => [.. cluster.State.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed)).Select(member => $"{member.Address.Host}:{member.Address.Port}")];

    private Address Address(string contact)
    {
        var (host, port) = SeedResolver.Split(contact);
        return new Address(cluster.SelfAddress.Protocol, cluster.SelfAddress.System, host, port);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "There is no cluster yet; {Address} forms one.")]
    private partial void LogForms(string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Joining the cluster through {Contacts} nodes, the first of them {Contact}.")]
    private partial void LogJoins(int contacts, string contact);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The shared store does not say which nodes there are, and is asked again: {Reason}")]
    private partial void LogRetry(string reason, Exception? error);

    [LoggerMessage(Level = LogLevel.Error, Message = "This node's cluster and that of {Others} live side by side, and this is the smaller one: it ends, and joins the other when it is started again.")]
    private partial void LogIsland(string others);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This node's entry in the shared store could not be renewed.")]
    private partial void LogNoBeat(Exception error);
}
