using FsCheck;
using FsCheck.Fluent;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Runs.Tests.Kit;

namespace TrainingMonitor.Runs.Tests.State;

public sealed class RankTests
{
    private static Trainer[] World(int size)
    {
        var world = new Trainer[size];
        for (var rank = 0; rank < size; rank++)
        {
            world[rank] = new Trainer("r", rank, size).Table().Steps(0, 12);
            if (rank == 0)
            {
                world[0].Probe(11, 20);
            }

            world[rank].Steps(12, 20, parts: 2).Steps(15, 24).Goodbye();
        }

        return world;
    }

    private static Feed Interleave(Trainer[] world, Random random)
    {
        var feed = new Feed("r");
        foreach (var trainer in world)
        {
            feed.Open(trainer.Hello());
        }

        var next = new int[world.Length];
        while (true)
        {
            var left = Enumerable.Range(0, world.Length).Where(rank => next[rank] < world[rank].Frames.Count).ToList();
            if (left.Count == 0)
            {
                return feed;
            }

            var rank = left[random.Next(left.Count)];
            feed.Deliver(0, rank, world[rank].Frames[next[rank]++]).ShouldBe(FrameVerdict.Next);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_interleaving_of_ranks_gives_the_same_state_and_points(int size)
    {
        var ideal = Interleave(World(size), new Random(0)).Result();
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed => Interleave(World(size), new Random(seed)).Result() == ideal)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Fact]
    public void Steps_are_applied_once_all_ranks_have_reported_them_and_in_order()
    {
        var world = World(2);
        var feed = new Feed("r");
        feed.Open(world[0].Hello());
        feed.Open(world[1].Hello());
        foreach (var frame in world[0].Frames.Take(4))
        {
            feed.Deliver(0, 0, frame);
        }

        feed.Output.Points.ShouldBeEmpty();
        feed.Machine.OldestOpenStep.ShouldBe(0);
        feed.Machine.OpenStepsAhead(0).ShouldBe(9);
        feed.Machine.OpenStepsAhead(1).ShouldBe(0);
        feed.Deliver(0, 1, world[1].Frames[0]);
        feed.Deliver(0, 1, world[1].Frames[1]);
        feed.Output.Points.Select(point => point.Step).ShouldBe([0L, 1, 2]);
    }

    [Fact]
    public void Loss_is_the_example_weighted_mean_of_the_ranks()
    {
        var world = World(3);
        var feed = Interleave(world, new Random(4));
        var reports = world.Select(trainer => trainer.Frames[1].Steps.Reports[0]).ToList();
        var expected = reports.Sum(report => report.BatchSize * report.Values.Loss) / reports.Sum(report => (double)report.BatchSize);
        feed.Output.Points[0].Values[(int)RunSeries.Loss].ShouldBe(expected, 1e-15);
        feed.Output.Points[0].TimeUnixNs.ShouldBe(reports[0].TimeUnixNs);
    }

    [Fact]
    public void A_step_that_a_rank_skipped_is_applied_when_the_rank_is_beyond_it()
    {
        var first = new Trainer("r", 0, 2).Table().Steps(0, 3, aFrame: 1);
        var second = new Trainer("r", 1, 2).Table().Steps(0, 1, aFrame: 1).Steps(2, 3, aFrame: 1);
        var feed = Interleave([first, second], new Random(1));
        feed.Output.Points.Select(point => point.Step).ShouldBe([0L, 1, 2]);
        feed.Machine.Count(RunCounter.StepsPartial).ShouldBe(1);
    }

    [Fact]
    public void The_clock_closes_a_step_without_its_missing_rank_and_nobody_waits_for_it_again_until_it_has_caught_up()
    {
        var first = new Trainer("r", 0, 2).Table().Steps(0, 10, aFrame: 1);
        var second = new Trainer("r", 1, 2).Table().Steps(0, 10, aFrame: 1);
        var feed = new Feed("r");
        feed.Open(first.Hello());
        feed.Open(second.Hello());
        first.Frames.Take(4).ToList().ForEach(frame => feed.Deliver(0, 0, frame));
        var closed = new Input { Clock = new ClockDecision { Kind = ClockDecision.Types.Kind.StepClosed, Attempt = 0, Step = 0, TimeUnixNs = 1 } };
        feed.Machine.Apply(closed, feed.Output);
        feed.Output.Points.Count.ShouldBe(3);
        feed.Machine.Apply(closed, feed.Output);
        first.Frames.Skip(4).Take(2).ToList().ForEach(frame => feed.Deliver(0, 0, frame));
        feed.Output.Points.Count.ShouldBe(5);
        second.Frames.Take(7).ToList().ForEach(frame => feed.Deliver(0, 1, frame));
        feed.Machine.Count(RunCounter.LateReports).ShouldBe(5);
        feed.Output.Points.Count.ShouldBe(5);
        feed.Deliver(0, 0, first.Frames[6]);
        feed.Output.Points.Count.ShouldBe(6);
        feed.Deliver(0, 0, first.Frames[7]);
        feed.Output.Points.Count.ShouldBe(6);
        feed.Machine.Count(RunCounter.StepsPartial).ShouldBe(5);
    }

    [Fact]
    public void The_queue_of_open_steps_is_bounded()
    {
        var first = new Trainer("r", 0, 2).Table().Steps(0, 700, aFrame: 50);
        var feed = new Feed("r");
        feed.Open(first.Hello());
        feed.Open(new Trainer("r", 1, 2).Hello());
        first.Frames.ToList().ForEach(frame => feed.Deliver(0, 0, frame));
        feed.Output.Points.Count.ShouldBe(700);
    }

    [Fact]
    public void Ranks_that_must_agree_and_do_not_are_counted()
    {
        var feed = Interleave([new Trainer("r", 0, 2, seed: 1).Table().Steps(0, 5), new Trainer("r", 1, 2, seed: 2).Table().Steps(0, 5)], new Random(1));
        feed.Machine.Count(RunCounter.RankDisagreements).ShouldBe(5);
        Interleave(World(3), new Random(1)).Machine.Count(RunCounter.RankDisagreements).ShouldBe(0);
    }
}
