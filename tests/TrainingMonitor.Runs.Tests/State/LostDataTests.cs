using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Tests.Kit;

namespace TrainingMonitor.Runs.Tests.State;

/// <summary>A stream whose beginning the server does not hold: the Hello brings the layer table that the rest was made with.</summary>
public sealed class LostDataTests
{
    private static Trainer Made() => new Trainer("r").Table().Steps(0, 12).Table(2, extraLayers: 2).Steps(12, 30).Goodbye();

    private static Hello From(Trainer trainer, ulong oldest)
    {
        var hello = trainer.Hello(oldest);
        hello.LayerTable = trainer.Frames.Take((int)oldest - 1).LastOrDefault(f => f.LayerTable is not null)?.LayerTable;
        return hello;
    }

    [Fact]
    public void A_stream_may_begin_at_any_frame()
    {
        var trainer = Made();
        for (var oldest = 2UL; oldest <= (ulong)trainer.Frames.Count; oldest++)
        {
            var feed = new Feed("r");
            var decision = feed.Open(From(trainer, oldest));
            decision.ResumeAfter.ShouldBe(oldest - 1);
            feed.SaveAndLoad();
            foreach (var frame in trainer.Frames.Skip((int)oldest - 1))
            {
                feed.Deliver(decision.Attempt, 0, frame).ShouldBe(Runs.State.FrameVerdict.Next, $"from {oldest}");
            }

            feed.Machine.Status.ShouldBe(RunState.Finished);
        }
    }

    [Fact]
    public void A_server_that_holds_the_frames_ignores_the_table()
    {
        var trainer = Made();
        var ideal = new Feed("r").All(trainer).Result();
        for (var cut = 1; cut <= trainer.Frames.Count; cut++)
        {
            var feed = new Feed("r");
            var attempt = feed.Open(trainer.Hello()).Attempt;
            trainer.Frames.Take(cut).ToList().ForEach(frame => feed.Deliver(attempt, 0, frame));
            feed.Open(From(trainer, (ulong)cut + 1)).Log.ShouldBeNull();
            trainer.Frames.Skip(cut).ToList().ForEach(frame => feed.Deliver(attempt, 0, frame));
            feed.Result().ShouldBe(ideal);
        }
    }

    [Fact]
    public void A_table_among_frames_given_up_replaces_the_one_that_is_known()
    {
        var trainer = Made();
        var feed = new Feed("r");
        var attempt = feed.Open(trainer.Hello()).Attempt;
        trainer.Frames.Take(2).ToList().ForEach(frame => feed.Deliver(attempt, 0, frame));
        var oldest = (ulong)trainer.Frames.Count - 2;
        feed.Open(From(trainer, oldest)).Log.ShouldNotBeNull();
        foreach (var frame in trainer.Frames.Skip((int)oldest - 1))
        {
            feed.Deliver(attempt, 0, frame).ShouldBe(Runs.State.FrameVerdict.Next);
        }
    }
}
