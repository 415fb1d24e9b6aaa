using System.Globalization;
using Google.Protobuf;
using TrainingMonitor.Load.Testing.Histories;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>A checker that cannot fail proves nothing: each violation is planted, and found, and nothing else is.</summary>
public sealed class HistoryCheckerTests
{
    private static readonly RunEvidence Sound = SampleEvidence.Make();

    [Fact]
    public void Nothing_is_found_where_everything_is_well() => HistoryChecker.Check(Sound).ShouldBeEmpty();

    [Fact]
    public void The_sample_has_what_a_violation_can_be_planted_in()
    {
        var replay = new Replay(Sound);
        replay.Alerts.ShouldContain(alert => alert.State == AlertState.Resolved);
        replay.Detail.ActiveAlerts.ShouldContain(alert => alert.State == AlertState.Firing);
        replay.Points.Select(point => point.Point.Identity.Split(' ')[0]).Distinct().ShouldBe(["run", "layer", "alert"], ignoreOrder: true);
    }

    // What hangs on the log is left out: without a frame the replay gives other points and another state, which are then found as well.
    [Fact]
    public void A_durable_frame_that_is_not_in_the_log_is_found() =>
        Found(LogOnly(Sound) with { Log = [.. Sound.Log.Take(Sound.Log.Count - 1)] }).ShouldBe([ViolationKind.DurableFrameLost]);

    [Fact]
    public void A_frame_that_is_in_the_log_twice_is_found() =>
        Found(LogOnly(Sound) with { Log = [.. Sound.Log, Sound.Log[^1] with { Position = Sound.Log.Count + 1 }] }).ShouldBe([ViolationKind.FrameTwice]);

    [Fact]
    public void Frames_in_another_order_are_found()
    {
        FrameRecord[] log = [.. Sound.Log];
        (log[10], log[11]) = (log[11] with { Position = log[10].Position }, log[10] with { Position = log[11].Position });
        Found(LogOnly(Sound) with { Log = log }).Distinct().ShouldBe([ViolationKind.FrameOutOfOrder]);
    }

    [Fact]
    public void A_hole_that_the_trainer_declared_is_no_violation()
    {
        var hello = Input.Parser.ParseFrom(Sound.Log[0].Body.Span).Opened.Hello;
        var gone = new FrameRecord(11, FrameRecordKind.Input, Sound.RunId, 0, 0, new Input { Opened = new Opened { Hello = hello, ResumeAfter = 10 } }.ToByteArray());
        var evidence = LogOnly(Sound) with { Log = [.. Sound.Log.Take(10), gone, .. Sound.Log.Skip(11)] };
        Found(evidence with { Histories = [Change(Sound.Histories[0], entry => entry.Kind == HistoryKind.Ack ? entry with { Durable = 0 } : entry)] }).ShouldBeEmpty();
    }

    [Fact]
    public void A_frame_with_other_bytes_than_were_sent_is_found() =>
        Found(LogOnly(Sound) with { Histories = [Change(Sound.Histories[0], entry => entry is { Kind: HistoryKind.Frame, Sequence: 20 } ? entry with { Hash = "0123456789abcdef" } : entry)] })
            .ShouldBe([ViolationKind.FrameChanged]);

    [Fact]
    public void Positions_with_a_hole_are_found() =>
        Found(LogOnly(Sound) with { Log = [.. Sound.Log.Select(record => record.Position > 50 ? record with { Position = record.Position + 1 } : record)] }).ShouldBe([ViolationKind.LogBroken]);

    [Fact]
    public void A_committed_point_that_is_not_stored_is_found() => Found(Sound with { Stored = [.. Sound.Stored!.Skip(1)] }).ShouldBe([ViolationKind.PointMissing]);

    [Fact]
    public void A_point_that_was_not_committed_may_be_missing_but_the_store_must_catch_up()
    {
        var last = new Replay(Sound).Points[^1];
        Found(Sound with { Committed = last.Position - 1, Stored = [.. Sound.Stored!.Where(point => point != last.Point)] }).ShouldBe([ViolationKind.PointsBehind]);
    }

    [Fact]
    public void A_point_that_nobody_made_is_found()
    {
        var other = StoredPoint.Of("run", [KeyValuePair.Create("run", Sound.RunId)], [KeyValuePair.Create("step", (object?)100_000L)], 1);
        Found(Sound with { Stored = [.. Sound.Stored!, other] }).ShouldBe([ViolationKind.PointExtra]);
    }

    [Fact]
    public void A_step_that_was_stamped_twice_is_found()
    {
        var again = Sound.Stored![5] with { Identity = Sound.Stored![5].Identity + "1" };
        Found(Sound with { Stored = [.. Sound.Stored!, again] }).ShouldBe([ViolationKind.PointExtra, ViolationKind.PointTwice]);
    }

    [Fact]
    public void A_point_with_another_last_bit_is_found()
    {
        var point = Sound.Stored!.First(point => point.Values.Contains(" loss=", StringComparison.Ordinal));
        var loss = point.Values.Split(' ').Single(value => value.StartsWith("loss=", StringComparison.Ordinal));
        var changed = point with { Values = point.Values.Replace(loss, $"loss={Math.BitIncrement(double.Parse(loss[5..], CultureInfo.InvariantCulture)):R}", StringComparison.Ordinal) };
        Found(Sound with { Stored = [.. Sound.Stored!.Select(stored => stored == point ? changed : stored)] }).ShouldBe([ViolationKind.PointDiffers]);
    }

    [Fact]
    public void A_node_that_shows_another_estimate_in_its_last_bit_is_found()
    {
        var detail = Sound.Nodes[1].Detail.Clone();
        detail.Estimates["loss"] = Math.BitIncrement(detail.Estimates["loss"]);
        Found(Sound with { Nodes = [Sound.Nodes[0], Sound.Nodes[1] with { Detail = detail }] }).ShouldBe([ViolationKind.StateDiffers]);
    }

    [Fact]
    public void A_node_that_is_a_step_behind_is_found()
    {
        var detail = Sound.Nodes[1].Detail.Clone();
        detail.Summary.Step--;
        Found(Sound with { Nodes = [Sound.Nodes[1] with { Detail = detail }] }).ShouldBe([ViolationKind.StateDiffers]);
    }

    [Fact]
    public void An_alert_that_a_node_shows_twice_is_found() =>
        Found(Sound with { Nodes = [Sound.Nodes[0] with { Alerts = [.. Sound.Nodes[0].Alerts, Sound.Nodes[0].Alerts[0]] }] }).ShouldBe([ViolationKind.AlertTwice]);

    [Fact]
    public void An_alert_that_a_node_does_not_show_is_found() =>
        Found(Sound with { Nodes = [Sound.Nodes[0] with { Alerts = [.. Sound.Nodes[0].Alerts.Skip(1)] }] }).ShouldBe([ViolationKind.AlertsDiffer]);

    [Fact]
    public void An_alert_that_the_receiver_was_not_told_is_found() =>
        Found(Sound with { Deliveries = [.. Sound.Deliveries!.Where(told => told != Sound.Deliveries![0])] }).ShouldBe([ViolationKind.AlertNotDelivered]);

    [Fact]
    public void An_alert_that_never_was_is_found_at_the_receiver() =>
        Found(Sound with { Deliveries = [.. Sound.Deliveries!, new Delivery("firing", "divergence", "", "7")] }).ShouldBe([ViolationKind.AlertInvented]);

    [Fact]
    public void A_trainer_that_does_not_know_what_fires_is_found()
    {
        var firing = new Replay(Sound).Detail.ActiveAlerts.First(alert => alert.State == AlertState.Firing);
        var deaf = Sound.Histories[0] with { Entries = [.. Sound.Histories[0].Entries.Where(entry => entry.Kind != HistoryKind.Alert || entry.Ordinal != firing.Ordinal)] };
        Found(Sound with { Histories = [deaf] }).ShouldBe([ViolationKind.AlertNotSeenByTrainer]);
    }

    [Fact]
    public void A_trainer_that_was_told_what_never_was_is_found() =>
        Found(Sound with { Histories = [Change(Sound.Histories[0], entry => entry is { Kind: HistoryKind.Alert, Ordinal: 1 } ? entry with { Ordinal = 99 } : entry)] })
            .ShouldContain(ViolationKind.AlertInventedToTrainer);

    [Fact]
    public void An_epoch_that_goes_down_is_found()
    {
        LogChunk[] chunks = [.. Sound.Chunks.Take(2), Sound.Chunks[2] with { Last = 150 }, new LogChunk(151, Sound.Log.Count, SampleEvidence.FirstEpoch)];
        Found(Sound with { Chunks = chunks }).ShouldBe([ViolationKind.OwnedTwice]);
    }

    [Fact]
    public void Two_owners_of_one_position_are_found() =>
        Found(Sound with { Chunks = [Sound.Chunks[0], Sound.Chunks[1], Sound.Chunks[2] with { First = SampleEvidence.HandedOverAt }] }).ShouldContain(ViolationKind.OwnedTwice);

    [Fact]
    public void An_ack_of_an_owner_that_had_lost_the_run_is_found()
    {
        var history = Change(Sound.Histories[0], entry => entry is { Kind: HistoryKind.Welcome, Stream: 2 } ? entry with { Epoch = SampleEvidence.FirstEpoch } : entry);
        Found(Sound with { Histories = [history] }).ShouldBe([ViolationKind.AckByFormerOwner]);
    }

    [Fact]
    public void A_trainer_that_was_refused_is_found()
    {
        var history = Sound.Histories[0];
        var said = new HistoryEntry(HistoryKind.Said, history.Entries[0].At) { Text = "monitor: the server refuses this run; the monitor is off" };
        Found(Sound with { Histories = [history with { Entries = [.. history.Entries.Take(9), said, .. history.Entries.Skip(9)] }] }).ShouldBe([ViolationKind.TrainerOff]);
    }

    private static IReadOnlyList<ViolationKind> Found(RunEvidence evidence) => [.. HistoryChecker.Check(evidence).Select(violation => violation.Kind)];

    private static RunEvidence LogOnly(RunEvidence evidence) => evidence with
    {
        Stored = null, Committed = 0, Nodes = [], Deliveries = null, Chunks = [],
        Histories = [.. evidence.Histories.Select(history => history with { Entries = [.. history.Entries.Where(entry => entry.Kind != HistoryKind.Alert && entry.Kind != HistoryKind.Settled)] })],
    };

    private static TrainerHistory Change(TrainerHistory history, Func<HistoryEntry, HistoryEntry> change) => history with { Entries = [.. history.Entries.Select(change)] };
}
