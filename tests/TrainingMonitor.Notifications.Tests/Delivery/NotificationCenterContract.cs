using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;
using TrainingMonitor.Notifications.Silencing;
using TrainingMonitor.Notifications.Tests.Support;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Tests.Delivery;

/// <summary>From transitions to a receiver: routes, order, restarts, silences, acknowledgements. The same of a server with a file and of nodes that share a database.</summary>
public abstract class NotificationCenterContract : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new(Samples.Start);
    private StubReceiver stub = null!;
    private CenterUnderTest test = null!;

    public async ValueTask InitializeAsync()
    {
        stub = await StubReceiver.StartAsync();
        test = new CenterUnderTest(time, new NotificationOptions { Receivers = [Hook("hook")] }, await SharedAsync());
        test.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await test.DisposeAsync();
        await stub.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Firing_and_resolved_arrive_in_order_and_pending_does_not()
    {
        test.Take(Samples.Alert(1, AlertState.Pending), Samples.Alert(2), Samples.Alert(3, AlertState.Resolved));
        await SettledAsync();
        Told().ShouldBe(["firing memorization_onset", "resolved memorization_onset"]);
        test.Counters("hook").Sent.ShouldBe(2);
    }

    [Fact]
    public async Task Transitions_that_come_again_are_told_once_even_after_a_restart()
    {
        test.Take(Samples.Alert(1));
        test.Take(Samples.Alert(1));
        await SettledAsync();
        await test.RestartAsync();
        test.Take(Samples.Alert(1), Samples.Alert(2, AlertState.Resolved));
        await test.RestartAsync();
        test.Take(Samples.Alert(1), Samples.Alert(2, AlertState.Resolved)); // the log is replayed from before the firing
        await SettledAsync();
        Told().ShouldBe(["firing memorization_onset", "resolved memorization_onset"]);
    }

    [Fact]
    public async Task A_server_that_lost_its_data_counts_anew_and_is_heard()
    {
        test.Take(Samples.Alert(5));
        var anew = Samples.Alert(1, rule: "divergence");
        anew.TimeUnixNs += 1_000_000_000;
        test.Take(anew);
        await SettledAsync();
        Told().ShouldBe(["firing memorization_onset", "firing divergence"]);
    }

    [Fact]
    public async Task What_a_receiver_that_is_away_missed_waits_on_disk_and_arrives_in_order()
    {
        stub.Status(503);
        test.Take(Samples.Alert(1));
        await Eventually.Async(() => test.Counters("hook").Retried > 0);
        test.Take(Samples.Alert(2, AlertState.Resolved));
        await test.RestartAsync();
        await Eventually.Async(() => test.Counters("hook").Retried > 0);
        test.Center.Receivers.Single().Waiting.ShouldBe(2);
        test.Center.Receivers.Single().LastError.ShouldContain("503");
        stub.Status(200);
        stub.Got.Clear();
        await Eventually.Async(() => test.Center.Receivers.Single().Waiting == 0, () => time.Advance(TimeSpan.FromMinutes(1)));
        Told().ShouldBe(["firing memorization_onset", "resolved memorization_onset"]);
    }

    [Fact]
    public async Task Retry_after_is_kept_to()
    {
        stub.Status(429, retryAfter: "300");
        test.Take(Samples.Alert(1));
        await Eventually.Async(() => test.Counters("hook").Retried == 1);
        stub.Status(200);
        time.Advance(TimeSpan.FromSeconds(200));
        test.Take(Samples.Alert(2, rule: "divergence")); // news do not cut the wait short
        stub.Got.Count.ShouldBe(1);
        await Eventually.Async(() => test.Counters("hook").Sent == 2, () => time.Advance(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task What_is_refused_for_good_holds_up_nothing()
    {
        stub.Answer = context =>
        {
            context.Response.StatusCode = stub.Got.Count == 1 ? 400 : 200;
            return Task.CompletedTask;
        };
        test.Take(Samples.Alert(1), Samples.Alert(2, rule: "divergence"));
        await SettledAsync();
        (test.Counters("hook").Failed, test.Counters("hook").Sent).ShouldBe((1, 1));
    }

    [Fact]
    public async Task The_queue_is_bounded_by_number_and_by_age_and_the_oldest_goes()
    {
        test.Options = test.Options with { QueueLimit = 2, GiveUpHours = 1 };
        await test.RestartAsync();
        stub.Status(503);
        test.Take(Samples.Alert(1, rule: "a"));
        await Eventually.Async(() => test.Counters("hook").Retried > 0);
        test.Take(Samples.Alert(2, rule: "b"), Samples.Alert(3, rule: "c"));
        test.Counters("hook").Dropped.ShouldBe(1);
        await Eventually.Async(() => test.Counters("hook").Dropped == 3, () => time.Advance(TimeSpan.FromMinutes(10)));
        test.Center.Receivers.Single().Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task A_silence_holds_what_it_covers_and_it_is_told_when_the_silence_ends()
    {
        var silence = test.Center.AddSilence(new Silence { Project = "mn*", Rule = "memorization_onset", Comment = "known", Author = "me" }, TimeSpan.FromHours(1));
        test.Take(Samples.Alert(1), Samples.Alert(2, rule: "divergence"), Samples.Alert(3, rule: "memorization_onset", layer: "fc"), Samples.Alert(4, AlertState.Resolved, layer: "fc"));
        await SettledAsync();
        Told().ShouldBe(["firing divergence"]);
        test.Counters("hook").Silenced.ShouldBe(2);
        await test.RestartAsync();
        test.Center.Silences.Single().ShouldBe(silence);
        await Eventually.Async(() => stub.Got.Count == 2, () => time.Advance(TimeSpan.FromMinutes(5)));
        Told().ShouldBe(["firing divergence", "firing memorization_onset"]);
        test.Center.Silences.ShouldBeEmpty();
        time.GetUtcNow().ShouldBeGreaterThanOrEqualTo(silence.Until);
    }

    [Fact]
    public async Task A_silence_that_is_taken_back_tells_at_once_and_who_was_told_before_is_told_of_the_end()
    {
        test.Take(Samples.Alert(1));
        var silence = test.Center.AddSilence(new Silence { Run = "*" }, TimeSpan.FromHours(1));
        test.Take(Samples.Alert(2, AlertState.Resolved), Samples.Alert(3, rule: "divergence"));
        await SettledAsync();
        Told().ShouldBe(["firing memorization_onset", "resolved memorization_onset"]);
        test.Center.RemoveSilence(silence.Id).ShouldBeTrue();
        test.Center.RemoveSilence(silence.Id).ShouldBeFalse();
        await SettledAsync();
        Told().ShouldBe(["firing memorization_onset", "resolved memorization_onset", "firing divergence"]);
    }

    [Fact]
    public async Task Repeats_come_until_somebody_looks_after_the_alert()
    {
        test.Options = new NotificationOptions { Receivers = [Hook("hook") with { RepeatHours = 1 }] };
        await test.RestartAsync();
        test.Take(Samples.Alert(1));
        await Eventually.Async(() => stub.Got.Count == 2, () => time.Advance(TimeSpan.FromMinutes(10)));
        test.Center.Acknowledge("run-1/nothing", null, "", "").ShouldBeNull();
        test.Center.Acknowledge("run-1/memorization_onset", null, "on it", "me").ShouldNotBeNull();
        await test.RestartAsync();
        test.Center.Acknowledgements.Single().Comment.ShouldBe("on it");
        for (var i = 0; i < 30; i++)
        {
            time.Advance(TimeSpan.FromMinutes(10));
            test.Center.Sweep();
        }

        test.Center.Receivers.Single().Waiting.ShouldBe(0);
        test.Take(Samples.Alert(2, AlertState.Resolved));
        test.Center.Acknowledgements.ShouldBeEmpty();
        await SettledAsync();
        Told().ShouldBe(["firing memorization_onset", "firing memorization_onset", "resolved memorization_onset"]);
    }

    [Fact]
    public async Task An_alert_of_a_run_that_ended_is_closed_after_a_while_unless_the_run_comes_back()
    {
        test.Take(Samples.Alert(1));
        test.Take(Samples.Alert(1, run: "run-2"));
        await SettledAsync();
        await test.TakeAsync("run-1", "mnist", [], ended: true);
        await test.TakeAsync("run-2", "mnist", [], ended: true);
        await test.TakeAsync("run-2", "mnist", [], ended: false);
        await Eventually.Async(() => Closed().Count > 0, () => time.Advance(TimeSpan.FromMinutes(5)));
        var closed = Closed().ShouldHaveSingleItem();
        closed.GetProperty("commonLabels").GetProperty("run").GetString().ShouldBe("run-1");
        closed.GetProperty("commonAnnotations").GetProperty("summary").GetString()!.ShouldEndWith("The run has ended.");
        test.Center.FiringRuns.Select(run => run.Run).ShouldBe(["run-2"]);

        // Where the machine is slow, the clock of this test passes the hour of a reminder of the other run.
        List<JsonElement> Closed() => [.. stub.Got.Select(got => got.Body).Where(body => body.GetProperty("status").GetString() == "resolved")];
    }

    [Fact]
    public async Task Routes_decide_by_project_rule_and_severity_and_new_receivers_are_told_of_what_fires()
    {
        test.Options = new NotificationOptions
        {
            Receivers = [Hook("a"), Hook("b"), Hook("c") with { SendResolved = false }],
            Routes =
            [
                new RouteOptions { Severities = ["critical"], Receivers = ["a"], Continue = true },
                new RouteOptions { Projects = ["other*"], Receivers = ["a"] },
                new RouteOptions { Rules = ["loss_*"] },
                new RouteOptions { Receivers = ["b", "c"] },
            ],
        };
        await test.RestartAsync();
        test.Take(Samples.Alert(1), Samples.Alert(2, rule: "divergence", severity: Severity.Critical), Samples.Alert(3, rule: "loss_spike", severity: Severity.Critical), Samples.Alert(4, AlertState.Resolved));
        await test.TakeAsync("r", "other-1", [Samples.Alert(1, run: "r", severity: Severity.Info)]);
        await SettledAsync();
        Told("a").Order().ShouldBe(["firing divergence", "firing loss_spike", "firing memorization_onset"]);
        Told("b").ShouldBe(["firing memorization_onset", "firing divergence", "resolved memorization_onset"]);
        Told("c").ShouldBe(["firing memorization_onset", "firing divergence"]);
        test.Options = test.Options with { Receivers = [.. test.Options.Receivers, Hook("d")], Routes = [new RouteOptions { Severities = ["critical"], Receivers = ["d"] }] };
        await test.RestartAsync();
        await SettledAsync();
        Told("d").Order().ShouldBe(["firing divergence", "firing loss_spike"]);
    }

    [Fact]
    public async Task Without_routes_warnings_and_worse_go_to_everybody()
    {
        test.Take(Samples.Alert(1, rule: "a", severity: Severity.Info), Samples.Alert(2, rule: "b"), Samples.Alert(3, rule: "c", severity: Severity.Critical));
        await SettledAsync();
        Told().ShouldBe(["firing b", "firing c"]);
    }

    [Fact]
    public async Task A_test_goes_past_routes_and_silences_and_says_what_the_receiver_said()
    {
        test.Center.AddSilence(new Silence { Run = "*" }, TimeSpan.FromHours(1));
        (await test.Center.TestAsync(null, TestContext.Current.CancellationToken)).ShouldBe([new TestResult("hook", "webhook", true, "")]);
        stub.Status(403, "no");
        (await test.Center.TestAsync("hook", TestContext.Current.CancellationToken)).ShouldBe([new TestResult("hook", "webhook", false, "403 no")]);
        (await test.Center.TestAsync("other", TestContext.Current.CancellationToken)).ShouldBeEmpty();
    }

    /// <summary>What the nodes share; null: one server with a file.</summary>
    protected abstract Task<Func<ISharedNotifications>?> SharedAsync();

    private ReceiverOptions Hook(string name) => new() { Name = name, Kind = "webhook", Url = stub.Url.ToString() };

    private Task SettledAsync() => Eventually.Async(() => test.Center.Receivers.All(receiver => receiver.Waiting == 0));

    private List<string> Told(string receiver = "hook") =>
        [.. stub.Got.Where(got => got.Body.GetProperty("receiver").GetString() == receiver)
            .Select(got => $"{got.Body.GetProperty("status").GetString()} {got.Body.GetProperty("commonLabels").GetProperty("alertname").GetString()}")];
}
