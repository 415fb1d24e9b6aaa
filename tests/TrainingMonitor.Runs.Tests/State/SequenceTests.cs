using FsCheck;
using FsCheck.Fluent;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Tests.Kit;

namespace TrainingMonitor.Runs.Tests.State;

public sealed class SequenceTests
{
    private static Trainer Made() =>
        new Trainer("r").Table().Steps(0, 20).Probe(19, 30).Scalar(19, "bleu", 0.5).Steps(20, 40).StepInFrames(40, 3).Steps(30, 50).Table(2, extraLayers: 2)
            .Steps(50, 70, parts: 2).Goodbye();

    private static string Ideal() => new Feed("r").All(Made()).Result();

    [Fact]
    public void Any_order_of_duplicates_gaps_and_resends_gives_the_ideal_stream()
    {
        var ideal = Ideal();
        var count = Made().Frames.Count;
        var deliveries = Gen.Choose(0, count - 1).ListOf(3 * count).ToArbitrary();
        Prop.ForAll(deliveries, indexes =>
        {
            var feed = new Feed("r");
            var trainer = Made();
            var attempt = feed.Open(trainer.Hello()).Attempt;
            foreach (var index in indexes.Concat(Enumerable.Range(0, count)))
            {
                feed.Deliver(attempt, 0, trainer.Frames[index]);
            }

            return feed.Result() == ideal;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_reconnect_at_any_frame_leaves_no_trace()
    {
        var ideal = Ideal();
        var trainer = Made();
        for (var cut = 0; cut <= trainer.Frames.Count; cut++)
        {
            var feed = new Feed("r");
            var attempt = feed.Open(trainer.Hello()).Attempt;
            trainer.Frames.Take(cut).ToList().ForEach(frame => feed.Deliver(attempt, 0, frame));
            var again = feed.Open(trainer.Hello());
            again.Log.ShouldBeNull();
            again.ResumeAfter.ShouldBe((ulong)cut);
            again.Attempt.ShouldBe(attempt);
            trainer.Frames.Skip(cut).ToList().ForEach(frame => feed.Deliver(attempt, 0, frame));
            feed.Result().ShouldBe(ideal);
        }
    }

    [Fact]
    public void A_state_saved_and_loaded_at_any_frame_goes_on_as_if_nothing_was()
    {
        var ideal = Ideal();
        var trainer = Made();
        for (var cut = 0; cut <= trainer.Frames.Count; cut++)
        {
            var feed = new Feed("r");
            var attempt = feed.Open(trainer.Hello()).Attempt;
            trainer.Frames.Take(cut).ToList().ForEach(frame => feed.Deliver(attempt, 0, frame));
            feed.SaveAndLoad();
            trainer.Frames.Skip(cut).ToList().ForEach(frame => feed.Deliver(attempt, 0, frame));
            feed.Result().ShouldBe(ideal);
        }
    }

    [Fact]
    public void A_damaged_state_is_refused_with_invalid_data()
    {
        var state = new Feed("r").All(Made()).Machine.Save();
        for (var i = 0; i < state.Length; i += 7)
        {
            Should.Throw<InvalidDataException>(() => RunStateMachine.Load("r", state.AsSpan(0, i)));
        }

        Should.Throw<InvalidDataException>(() => RunStateMachine.Load("other", state)).Message.ShouldContain("run r");
        Should.Throw<InvalidDataException>(() => RunStateMachine.Load("r", [.. state, 0]));
    }

    [Fact]
    public void Frames_beyond_a_gap_and_frames_seen_before_are_told_apart()
    {
        var feed = new Feed("r");
        var trainer = Made();
        feed.Open(trainer.Hello());
        feed.Deliver(0, 0, trainer.Frames[2]).ShouldBe(FrameVerdict.Gap);
        feed.Deliver(0, 0, trainer.Frames[0]).ShouldBe(FrameVerdict.Next);
        feed.Deliver(0, 0, trainer.Frames[0]).ShouldBe(FrameVerdict.Duplicate);
        feed.Deliver(1, 0, trainer.Frames[1]).ShouldBe(FrameVerdict.Closed);
        feed.Deliver(0, 3, trainer.Frames[1]).ShouldBe(FrameVerdict.Closed);
        feed.Machine.Received(0).ShouldBe(1UL);
    }

    [Fact]
    public void Nothing_comes_after_a_goodbye_but_what_came_before_it_may_come_again()
    {
        var feed = new Feed("r");
        var trainer = new Trainer("r").Table().Steps(0, 3).Goodbye().Steps(3, 6);
        feed.Open(trainer.Hello());
        trainer.Frames.Take(3).ToList().ForEach(frame => feed.Deliver(0, 0, frame).ShouldBe(FrameVerdict.Next));
        feed.Deliver(0, 0, trainer.Frames[3]).ShouldBe(FrameVerdict.Closed);
        feed.Deliver(0, 0, trainer.Frames[2]).ShouldBe(FrameVerdict.Duplicate);
    }

    [Fact]
    public void Frames_that_the_trainer_gave_up_are_counted_and_the_stream_goes_on_after_them()
    {
        var feed = new Feed("r");
        var trainer = new Trainer("r").Table().Steps(0, 3).StepInFrames(3, 3).Steps(4, 10).Goodbye();
        feed.Open(trainer.Hello());
        trainer.Frames.Take(3).ToList().ForEach(frame => feed.Deliver(0, 0, frame));
        var again = feed.Open(trainer.Hello(oldest: 6));
        again.ResumeAfter.ShouldBe(5UL);
        again.Log.ShouldNotBeNull().ResumeAfter.ShouldBe(5UL);
        trainer.Frames.Skip(5).ToList().ForEach(frame => feed.Deliver(0, 0, frame).ShouldBe(FrameVerdict.Next));
        feed.Machine.Count(RunCounter.FramesLost).ShouldBe(2);
        feed.Machine.Count(RunCounter.IncompleteSteps).ShouldBe(1);
        feed.Output.Points.Select(point => point.Step).ShouldBe([0L, 1, 2, 4, 5, 6, 7, 8, 9]);
    }
}
