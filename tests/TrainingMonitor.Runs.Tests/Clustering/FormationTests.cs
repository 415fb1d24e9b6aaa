using System.Diagnostics;
using TrainingMonitor.Runs.Clustering.Formation;
using TrainingMonitor.Runs.Tests.Kit;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Runs.Tests.Clustering;

/// <summary>One cluster, however nodes start.</summary>
public sealed class FormationTests
{
    [Fact]
    public async Task Nodes_that_start_at_once_and_know_of_nobody_form_one_cluster()
    {
        await using var cluster = new TestCluster();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.AddAsync()));
        await TestNode.UntilAsync(() => cluster.Nodes.All(node => node.Gateway.Metrics["cluster_members"] == 3));
    }

    [Fact]
    public async Task A_node_forms_none_while_a_member_that_it_cannot_reach_lives()
    {
        await using var cluster = new TestCluster();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var elsewhere = Task.Run(
            async () =>
            {
                // A member beyond a network that is cut: the store hears of it, this node does not.
                while (!stop.IsCancellationRequested)
                {
                    await cluster.Shared.BeatAsync(new MemberEntry("127.0.0.1:1", Guid.Empty, "", Joined: true), CancellationToken.None);
                    await Task.Delay(100, CancellationToken.None);
                }
            },
            TestContext.Current.CancellationToken);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        soon.CancelAfter(TimeSpan.FromSeconds(5));
        await Should.ThrowAsync<OperationCanceledException>(() => cluster.AddAsync(soon.Token));

        await stop.CancelAsync();
        await elsewhere;

        // The member has been silent for long enough by now.
        await cluster.AddAsync();
        await TestNode.UntilAsync(() => cluster.Nodes.Single().Gateway.Metrics["cluster_members"] == 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_clusters_that_live_the_smaller_ends(bool othersAreMore)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        string[] others = othersAreMore ? ["10.0.0.1:4652", "10.0.0.2:4652"] : ["255.0.0.1:4652"];
        var ended = cluster.Nodes.Single().Ended;
        var since = Stopwatch.StartNew();
        while (!ended.IsCompleted && since.Elapsed < (othersAreMore ? TimeSpan.FromSeconds(60) : TimeSpan.FromSeconds(5)))
        {
            foreach (var other in others)
            {
                await cluster.Shared.BeatAsync(new MemberEntry(other, Guid.Empty, "", Joined: true), TestContext.Current.CancellationToken);
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        ended.IsCompleted.ShouldBe(othersAreMore);
    }

    [Fact]
    public async Task A_seed_stands_for_all_addresses_of_its_name_and_a_name_of_nobody_for_itself_alone()
    {
        var found = await SeedResolver.ResolveAsync(["localhost:4652", "nobody.invalid:1", "10.0.0.7:4652"], TestContext.Current.CancellationToken);
        new[] { "localhost:4652", "127.0.0.1:4652", "nobody.invalid:1", "10.0.0.7:4652" }.ShouldBeSubsetOf(found);
        found.ShouldNotContain(seed => seed.StartsWith("nobody", StringComparison.Ordinal) && seed != "nobody.invalid:1");
    }

    [Theory]
    [InlineData("node-1:4652", "node-1", 4652)]
    [InlineData("[::1]:4652", "::1", 4652)]
    public void A_seed_is_host_and_port(string seed, string host, int port) => SeedResolver.Split(seed).ShouldBe((host, port));

    [Theory]
    [InlineData("node-1")]
    [InlineData("node-1:")]
    [InlineData(":4652")]
    [InlineData("node-1:0")]
    [InlineData("node-1:+5")]
    [InlineData("node-1:70000")]
    public void What_is_no_seed_is_said(string seed) => Should.Throw<FormatException>(() => SeedResolver.Split(seed)).Message.ShouldContain(seed);
}
