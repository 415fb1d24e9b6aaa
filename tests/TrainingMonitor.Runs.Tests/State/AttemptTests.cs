using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Tests.Kit;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;

namespace TrainingMonitor.Runs.Tests.State;

public sealed class AttemptTests
{
    [Fact]
    public void A_new_start_id_is_a_new_attempt_and_the_old_one_is_over()
    {
        var feed = new Feed("r");
        var first = new Trainer("r") { StartId = "a" }.Table().Steps(0, 5);
        var second = new Trainer("r") { StartId = "b" }.Table().Steps(3, 8).Goodbye();
        feed.All(first).All(second);
        feed.Machine.Attempt.ShouldBe(1);
        feed.Output.Points.Select(point => (point.Attempt, point.Step)).ShouldBe(
            [(0, 0L), (0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (1, 4), (1, 5), (1, 6), (1, 7)]);
        var refused = feed.Machine.Decide(first.Hello());
        refused.Refusal.ShouldNotBeNull().StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        feed.Machine.Detail().Segments.Select(segment => (segment.Attempt, segment.FirstStep, segment.LastStep)).ShouldBe([(0U, 0UL, 4UL), (1U, 3UL, 7UL)]);
        feed.Machine.Status.ShouldBe(RunStatus.Finished);
    }

    [Fact]
    public void A_restart_count_is_the_ordinal_even_when_the_server_missed_the_ones_before()
    {
        var hello = new Trainer("r").Hello();
        hello.RestartCount = 2;
        var feed = new Feed("r");
        feed.Open(hello).Attempt.ShouldBe(2);
        feed.Open(hello).Attempt.ShouldBe(2);
        var next = hello.Clone();
        next.RestartCount = 3;
        feed.Open(next).Attempt.ShouldBe(3);
        feed.Machine.Decide(hello).Refusal.ShouldNotBeNull();
    }

    [Fact]
    public void The_same_restart_count_from_another_process_is_a_new_attempt()
    {
        var feed = new Feed("r");
        var hello = new Trainer("r") { StartId = "a" }.Hello();
        hello.RestartCount = 0;
        feed.Open(hello).Attempt.ShouldBe(0);
        hello = hello.Clone();
        hello.ClientStartId = "b";
        feed.Open(hello).Attempt.ShouldBe(1);
    }

    [Fact]
    public void Of_two_processes_with_one_restart_count_the_older_is_over()
    {
        var feed = new Feed("r");
        var older = new Trainer("r") { StartId = "a" }.Hello();
        older.RestartCount = 0;
        var newer = older.Clone();
        newer.ClientStartId = "b";
        feed.Open(older).Attempt.ShouldBe(0);
        feed.Open(newer).Attempt.ShouldBe(1);
        feed.SaveAndLoad();
        var refused = feed.Machine.Decide(older).Refusal.ShouldNotBeNull();
        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refused.Detail.ShouldContain("Attempt 0 of run r is over");
        feed.Open(newer).Attempt.ShouldBe(1);
        older.RestartCount = 2;
        feed.Open(older).Attempt.ShouldBe(2);
    }

    [Fact]
    public void The_description_of_a_hello_counts_at_the_start_of_an_attempt_only_and_never_when_empty()
    {
        var feed = new Feed("r");
        var trainer = new Trainer("r").Table();
        var changed = trainer.Hello().Description.Clone();
        changed.BatchSize = 75;
        trainer.Add(new TrainerFrame { Description = changed });
        feed.All(trainer);
        feed.Machine.Detail().Description.BatchSize.ShouldBe(75U);

        // Frames were lost in between; what the trainer says again is what it said at its start, or nothing.
        feed.Open(trainer.Hello(oldest: 5)).ResumeAfter.ShouldBe(4UL);
        feed.Machine.Detail().Description.BatchSize.ShouldBe(75U);
        var silent = trainer.Hello(oldest: 9);
        silent.Description = new RunDescription();
        feed.Open(silent).ResumeAfter.ShouldBe(8UL);
        feed.Machine.Detail().Description.BatchSize.ShouldBe(75U);
        silent = new Trainer("r") { StartId = "b" }.Hello();
        silent.Description = new RunDescription();
        feed.Open(silent).Attempt.ShouldBe(1);
        feed.Machine.Detail().Description.BatchSize.ShouldBe(75U);
        feed.Open(new Trainer("r") { StartId = "c" }.Hello()).Attempt.ShouldBe(2);
        feed.Machine.Detail().Description.BatchSize.ShouldBe(50U);
    }

    [Fact]
    public void Ranks_with_start_ids_of_their_own_share_an_attempt_and_a_restart_of_all_makes_one_new_attempt()
    {
        var feed = new Feed("r");
        for (var rank = 0; rank < 3; rank++)
        {
            feed.Open(new Trainer("r", rank, 3) { StartId = $"a{rank}" }.Hello()).Attempt.ShouldBe(0);
        }

        for (var rank = 2; rank >= 0; rank--)
        {
            feed.Open(new Trainer("r", rank, 3) { StartId = $"b{rank}" }.Hello()).Attempt.ShouldBe(1);
        }

        feed.Machine.Decide(new Trainer("r", 1, 3) { StartId = "b1" }.Hello()).Log.ShouldBeNull();
    }

    [Fact]
    public void Another_world_size_in_the_same_attempt_is_refused_by_its_field()
    {
        var feed = new Feed("r");
        feed.Open(new Trainer("r", 0, 2).Hello());
        var refusal = feed.Machine.Decide(new Trainer("r", 1, 4).Hello()).Refusal.ShouldNotBeNull();
        refusal.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refusal.Detail.ShouldContain("hello.world_size");
    }

    [Fact]
    public void A_step_that_goes_back_opens_a_segment()
    {
        var feed = new Feed("r").All(new Trainer("r").Table().Steps(0, 6).Steps(2, 9).Steps(8, 10));
        feed.Output.Points.GroupBy(point => point.Segment).Select(group => (group.Key, group.First().Step, group.Last().Step))
            .ShouldBe([(0, 0L, 5L), (1, 2, 8), (2, 8, 9)]);
    }

    [Fact]
    public void A_new_attempt_applies_the_open_steps_of_the_old_one()
    {
        var feed = new Feed("r");
        var lonely = new Trainer("r", 0, 2) { StartId = "a" }.Table().Steps(0, 4);
        feed.All(lonely);
        feed.Output.Points.ShouldBeEmpty();
        feed.Open(new Trainer("r") { StartId = "b" }.Hello());
        feed.Output.Points.Count.ShouldBe(4);
        feed.Machine.Count(RunCounter.StepsPartial).ShouldBe(4);
    }

    [Fact]
    public void One_failed_rank_makes_a_failed_run_and_only_the_last_goodbye_ends_it()
    {
        var feed = new Feed("r");
        feed.All(new Trainer("r", 0, 2).Table().Goodbye());
        feed.Machine.Status.ShouldBe(RunStatus.Running);
        feed.All(new Trainer("r", 1, 2).Table().Goodbye(Goodbye.Types.Reason.Failed));
        feed.Machine.Status.ShouldBe(RunStatus.Failed);
    }

    [Fact]
    public void Silence_is_a_decision_and_the_next_step_ends_it()
    {
        var feed = new Feed("r");
        var trainer = new Trainer("r").Table().Steps(0, 2, aFrame: 1);
        feed.Open(trainer.Hello());
        feed.Deliver(0, 0, trainer.Frames[0]);
        feed.Deliver(0, 0, trainer.Frames[1]);
        feed.Machine.Apply(
            new Input { Clock = new ClockDecision { Kind = ClockDecision.Types.Kind.Stalled, Step = 0, TimeUnixNs = Trainer.Start } }, feed.Output);
        feed.Machine.Status.ShouldBe(RunStatus.Stalled);
        var alert = feed.Output.Alerts.ShouldHaveSingleItem();
        (alert.Id, alert.Ordinal, alert.State).ShouldBe(("r/stalled", 1UL, AlertState.Firing));
        feed.Deliver(0, 0, trainer.Frames[2]);
        feed.Machine.Status.ShouldBe(RunStatus.Running);
        feed.Output.Alerts[^1].State.ShouldBe(AlertState.Resolved);
        feed.Machine.FiringAlerts.ShouldBeEmpty();
    }
}
