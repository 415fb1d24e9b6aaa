using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Notifications;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Silencing;
using TrainingMonitor.Notifications.Tests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Alerts;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Tests.Postgres;

namespace TrainingMonitor.Runs.Tests.Alerts;

/// <summary>Several nodes over one database: one delivers, each may be told.</summary>
public sealed class SharedDeliveryTests(PostgresServerFixture fixture) : IAsyncLifetime
{
    private readonly List<NotificationCenter> centers = [];
    private string connection = "";
    private PostgresStore store = null!;
    private StubReceiver stub = null!;

    private static CancellationToken None => CancellationToken.None;

    public async ValueTask InitializeAsync()
    {
        connection = await (await fixture.GetAsync()).NewDatabaseAsync();
        store = await PostgresStore.OpenAsync(new PostgresOptions { ConnectionString = connection }, NullLoggerFactory.Instance, TimeProvider.System, None);
        stub = await StubReceiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var center in centers)
        {
            await center.DisposeAsync();
        }

        await stub.DisposeAsync();
        await store.DisposeAsync();
    }

    [Fact]
    public async Task One_of_several_nodes_delivers_what_any_of_them_was_given()
    {
        var nodes = Enumerable.Range(0, 3).Select(i => Start($"node{i}")).ToList();
        await Eventually.Async(() => nodes.Any(node => node.Delivers));
        foreach (var (node, i) in nodes.Select((node, i) => (node, i)))
        {
            await node.TakeAsync($"run-{i}", "p", [Samples.Alert(1, run: $"run-{i}"), Samples.Alert(2, AlertState.Resolved, run: $"run-{i}")], ended: null, None);
            await node.TakeAsync($"run-{i}", "p", [Samples.Alert(1, run: $"run-{i}")], ended: false, None);
        }

        await Eventually.Async(() => stub.Got.Count >= 6);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Told().Order().ShouldBe(Enumerable.Range(0, 3).SelectMany(i => new[] { $"firing run-{i}", $"resolved run-{i}" }).Order());
        nodes.Count(node => node.Delivers).ShouldBe(1);
        (await CountAsync("notify_inbox")).ShouldBe(0);
    }

    [Fact]
    public async Task Silences_and_acknowledgements_made_at_one_node_hold_at_all()
    {
        var (one, two) = (Start("one"), Start("two"));
        await Eventually.Async(() => one.Delivers || two.Delivers);
        var other = one.Delivers ? two : one;
        var silence = other.AddSilence(new Silence { Rule = "divergence" }, TimeSpan.FromHours(1));
        await other.TakeAsync("run-1", "p", [Samples.Alert(1, rule: "divergence"), Samples.Alert(2)], ended: null, None);
        await Eventually.Async(() => stub.Got.Count == 1);
        one.Silences.ShouldBe(two.Silences);
        other.Acknowledge("run-1/memorization_onset", null, "on it", "me").ShouldNotBeNull();
        one.Acknowledgements.Single().Comment.ShouldBe("on it");
        two.Acknowledgements.ShouldBe(one.Acknowledgements);
        other.RemoveSilence(silence.Id).ShouldBeTrue();
        await Eventually.Async(() => stub.Got.Count == 2);
    }

    [Fact]
    public async Task When_the_node_that_delivers_leaves_another_goes_on_with_what_waits()
    {
        var one = Start("one");
        await Eventually.Async(() => one.Delivers);
        var two = Start("two");
        stub.Status(503);
        await two.TakeAsync("run-1", "p", [Samples.Alert(1)], ended: null, None);
        await Eventually.Async(() => one.Receivers.Single().Counters.Retried > 0);
        two.Receivers.Single().Waiting.ShouldBe(1);
        centers.Remove(one);
        await one.DisposeAsync();
        stub.Got.Clear();
        stub.Status(200);
        await Eventually.Async(() => two.Delivers && stub.Got.Count == 1 && two.Receivers.Single().Waiting == 0);
    }

    [Fact]
    public async Task A_node_that_has_lost_delivery_writes_nothing_more_and_stops()
    {
        var one = Start("one");
        await Eventually.Async(() => one.Delivers);
        using var shared = new PostgresNotifications(store);
        var old = new NotificationStore(shared, await EpochAsync());

        // As if it had been stopped for longer than it has delivery for.
        await PostgresServer.ExecuteAsync(connection, "UPDATE trainmon.notify_delivery SET until = now() + interval '1 h', epoch = epoch + 1, node = gen_random_uuid(), owner = 'two'");
        Should.Throw<DeliveryLostException>(() => old.Begin(() =>
        {
            old.SetTold("hook", "run-1/a", DateTimeOffset.UnixEpoch);
            return true;
        }));
        (await CountAsync("notify_told")).ShouldBe(0);
        await Eventually.Async(() => !one.Delivers);
        await one.TakeAsync("run-1", "p", [Samples.Alert(1)], ended: null, None);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        stub.Got.Count.ShouldBe(0);
        (await CountAsync("notify_inbox")).ShouldBe(1);

        await PostgresServer.ExecuteAsync(connection, "UPDATE trainmon.notify_delivery SET until = '-infinity'");
        await Eventually.Async(() => one.Delivers && stub.Got.Count == 1);
    }

    [Fact]
    public async Task Delivery_is_held_by_one_and_its_epoch_grows_with_each_change_of_hands()
    {
        using var shared = new PostgresNotifications(store);
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        shared.Hold(one, "one", TimeSpan.FromHours(1)).ShouldBe(1);
        shared.Hold(two, "two", TimeSpan.FromHours(1)).ShouldBeNull();
        shared.Hold(one, "one", TimeSpan.FromHours(-1)).ShouldBe(1);
        shared.Hold(two, "two", TimeSpan.FromHours(1)).ShouldBe(2);
        shared.LetGo(one);
        shared.Hold(one, "one", TimeSpan.FromHours(1)).ShouldBeNull();
        shared.LetGo(two);
        shared.Hold(one, "one", TimeSpan.FromHours(1)).ShouldBe(3);
    }

    [Fact]
    public async Task A_transition_that_is_put_in_twice_waits_once_and_the_end_of_a_run_is_never_overtaken()
    {
        using var shared = new PostgresNotifications(store);
        await shared.PostAsync("run", "p", [Samples.Alert(1), Samples.Alert(1)], ended: false, None);
        await shared.PostAsync("run", "p", [Samples.Alert(1), Samples.Alert(2)], ended: true, None);
        new NotificationStore(shared).Inbox(10).Select(entry => (entry.Alert?.Ordinal, entry.Ended)).ShouldBe([(1ul, null), (null, false), (2ul, null), (null, true)]);
    }

    private NotificationCenter Start(string node)
    {
        var center = NotificationCenter.Start(
            new NotificationCenterOptions
            {
                Notifications = new NotificationOptions { Receivers = [new ReceiverOptions { Name = "hook", Kind = "webhook", Url = stub.Url.ToString() }] },
                Shared = new PostgresNotifications(store),
                Node = node,
            },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        centers.Add(center);
        return center;
    }

    private Task<long> CountAsync(string table) => PostgresServer.ScalarAsync<long>(connection, $"SELECT count(*) FROM trainmon.{table}");

    private Task<long> EpochAsync() => PostgresServer.ScalarAsync<long>(connection, "SELECT epoch FROM trainmon.notify_delivery");

    private IEnumerable<string> Told() => stub.Got.Select(got =>
        $"{got.Body.GetProperty("status").GetString()} {got.Body.GetProperty("commonLabels").GetProperty("run").GetString()}");
}
