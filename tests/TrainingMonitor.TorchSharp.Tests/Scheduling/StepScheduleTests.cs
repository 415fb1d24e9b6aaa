using TrainingMonitor.TorchSharp.Scheduling;

namespace TrainingMonitor.TorchSharp.Tests.Scheduling;

/// <summary>The schedule against a machine whose costs are given: no clock takes part.</summary>
public sealed class StepScheduleTests
{
    private readonly record struct Machine(double Step, double Fixed, double Cheap, double Exact, double Lag, double Capture);

    private static readonly Machine Large = new(0.1, 1e-6, 0.005, 0.03, 0.03, 0.002);
    private static readonly Machine Small = new(1e-4, 3e-7, 1.2e-5, 2e-4, 1e-4, 2e-5);

    private static (double Share, List<StepPlan> Plans) Run(StepSchedule schedule, Machine machine, int steps, long from = 0, double scaleOfFirst = 1)
    {
        double training = 0, monitor = 0;
        var plans = new List<StepPlan>();
        for (var t = from; t < from + steps; t++)
        {
            var plan = schedule.Plan(t, idsGiven: true);
            var scale = t == 0 ? scaleOfFirst : 1;
            var costs = new StepCosts(
                plan.Cheap ? 0 : machine.Fixed, plan.Cheap ? machine.Cheap * scale : 0, plan.Exact ? machine.Exact * scale : 0, plan.Lag ? machine.Lag : 0);
            var capture = plan.Capture ? machine.Capture : 0;
            schedule.Record(plan, machine.Step + capture, costs);
            training += machine.Step;
            monitor += costs.Fixed + costs.Cheap + costs.Exact + costs.Lag + capture;
            plans.Add(plan);
        }

        return (monitor / training, plans);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.05)]
    public void Keeps_to_the_budget_on_large_and_small_models(double budget)
    {
        foreach (var machine in new[] { Large, Small })
        {
            var schedule = new StepSchedule(new WatchOptions { Budget = budget }, canBeExact: true);
            var (share, plans) = Run(schedule, machine, 40_000);
            share.ShouldBeInRange(0.4 * budget, budget, $"{machine}");
            plans.Count(p => p.Exact).ShouldBeGreaterThan(3);
            (plans.Count(p => p.Exact) - plans.Count(p => p.Lag)).ShouldBeInRange(0, 1);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)] // the first sample also compiles
    public void Keeps_to_the_budget_from_the_start(double scaleOfFirst)
    {
        // What the first pair and the first exact sums take on credit is paid back before the next: never more than that above the budget.
        foreach (var machine in new[] { Large, Small })
        {
            var first = (2 * machine.Cheap) + machine.Exact + machine.Lag + (2 * machine.Capture) + ((scaleOfFirst - 1) * (machine.Cheap + machine.Exact));
            foreach (var steps in new[] { 100, 500, 2000, 10_000 })
            {
                var schedule = new StepSchedule(new WatchOptions(), canBeExact: true);
                var (share, _) = Run(schedule, machine, steps, scaleOfFirst: scaleOfFirst);
                (share * steps * machine.Step).ShouldBeLessThanOrEqualTo((0.01 * steps * machine.Step) + (1.5 * first), $"{machine} after {steps}");
            }
        }
    }

    [Fact]
    public void Every_second_step_follows_its_first()
    {
        var schedule = new StepSchedule(new WatchOptions(), canBeExact: true);
        var (_, plans) = Run(schedule, Large, 5000);
        for (var t = 1; t < plans.Count; t++)
        {
            plans[t].Second.ShouldBe(plans[t - 1].First);
            plans[t].Lag.ShouldBe(plans[t - 1].Exact);
            if (plans[t].Exact)
            {
                plans[t].First.ShouldBeTrue();
            }
        }
    }

    [Fact]
    public void A_skipped_step_breaks_its_pair()
    {
        var schedule = new StepSchedule(new WatchOptions { PairInterval = 4, ExactInterval = 4 }, canBeExact: true);
        schedule.Plan(0, true).First.ShouldBeTrue();
        schedule.BreakPair();
        schedule.Plan(1, true).ShouldBe(default);
    }

    [Fact]
    public void Follows_a_change_of_speed()
    {
        var schedule = new StepSchedule(new WatchOptions { ExactInterval = 0 }, canBeExact: true);
        Run(schedule, Large, 4096);
        var before = schedule.PairInterval;
        Run(schedule, Large with { Step = Large.Step / 8 }, 8192, from: 4096);
        schedule.PairInterval.ShouldBe(before * 8);
        var (share, _) = Run(schedule, Large with { Step = Large.Step / 8 }, 8192, from: 12_288);
        share.ShouldBeInRange(0.004, 0.0101);
        Run(schedule, Large, 8192, from: 20_480);
        schedule.PairInterval.ShouldBe(before);
    }

    [Fact]
    public void What_every_step_costs_is_part_of_the_budget()
    {
        // Half a percent goes to steps that are not looked at.
        var schedule = new StepSchedule(new WatchOptions { ExactInterval = 0 }, canBeExact: true);
        var (share, _) = Run(schedule, Small with { Fixed = 5e-7 }, 100_000);
        share.ShouldBeInRange(0.006, 0.0101);
    }

    [Fact]
    public void Forced_intervals_are_kept_whatever_they_cost()
    {
        var schedule = new StepSchedule(new WatchOptions { PairInterval = 1, ExactInterval = 16 }, canBeExact: true);
        var (_, plans) = Run(schedule, Large, 160);
        plans.ShouldAllBe(p => p.First);
        plans.Count(p => p.Exact).ShouldBe(10);
        schedule.ToMessage().Adaptive.ShouldBeFalse();
    }

    [Fact]
    public void Thinning_leaves_out_whole_pairs()
    {
        var schedule = new StepSchedule(new WatchOptions { PairInterval = 2, ExactInterval = 0 }, canBeExact: true) { Thinning = 4 };
        var (_, plans) = Run(schedule, Large, 64);
        plans.Count(p => p.First).ShouldBe(8);
        plans.Count(p => p.Second).ShouldBe(8);
    }

    [Theory]
    [InlineData(0.001, 1)]
    [InlineData(1, 1)]
    [InlineData(20, 1)]
    [InlineData(20, 64)]
    [InlineData(90, 1)]
    public void The_next_report_comes_within_the_promise(double step, int thinning)
    {
        var schedule = new StepSchedule(new WatchOptions(), canBeExact: true) { Thinning = thinning };
        var machine = Large with { Step = step, Cheap = step / 20, Exact = step, Lag = step };
        double now = 0, last = 0, promised = schedule.PromiseSeconds;
        for (long t = 0; t < 50_000; t++)
        {
            var plan = schedule.Plan(t, true);
            now += step;
            if (plan.Cheap)
            {
                (now - last).ShouldBeLessThanOrEqualTo(promised, $"report of step {t}");
                last = now;
            }

            var costs = new StepCosts(0, plan.Cheap ? machine.Cheap : 0, plan.Exact ? machine.Exact : 0, plan.Lag ? machine.Lag : 0);
            schedule.Record(plan, step, costs);

            // A new promise is told as soon as it is made.
            promised = schedule.PromiseSeconds;
        }

        promised.ShouldBeGreaterThanOrEqualTo(60);

        // Three times the gap, up to twice that by doubling, and made shorter only by a factor of four.
        promised.ShouldBeLessThanOrEqualTo(Math.Max(60, 4 * 6 * 1.01 * schedule.PairInterval * thinning * step));
    }

    [Fact]
    public void A_promise_that_was_asked_for_is_kept()
    {
        var schedule = new StepSchedule(new WatchOptions { ReportPromiseSeconds = 17 }, canBeExact: true);
        Run(schedule, Large with { Step = 50 }, 1000);
        schedule.PromiseSeconds.ShouldBe(17);
    }
}
