using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp.Scheduling;

/// <summary>Decides which steps are looked at. The unit is the pair (t, t+1). Intervals that the user leaves open are powers of two and
/// follow from measured costs: of the budget, less what every step costs, half is for the cheap pairs, half for exact sums with the lag sums that follow them. Intervals double
/// at once when a share is passed and halve when the cost would stay a fifth below it; a sample that is due before the last one is paid for is left out.</summary>
internal sealed class StepSchedule
{
    private const int LargestPair = 1 << 10, LargestExact = 1 << 14;
    private readonly int? fixedPair, fixedExact;
    private readonly int probeInterval;
    private readonly double budget;
    private bool lastFirst, lastExact;
    private readonly ReportPromise promise;
    private CostAverage step, idle, cheap, exact, lag, capture;
    private Ledger cheapLedger, exactLedger;

    /// <summary>Starts with the user's intervals or, where open, with 16 and 64.</summary>
    public StepSchedule(WatchOptions options, bool canBeExact)
    {
        fixedPair = options.PairInterval;
        fixedExact = canBeExact ? options.ExactInterval : 0;
        probeInterval = options.Probes?.Interval ?? 0;
        budget = options.Budget;
        promise = new ReportPromise(options.ReportPromiseSeconds);
        PairInterval = fixedPair ?? 16;
        ExactInterval = fixedExact ?? Math.Max(64, PairInterval);
    }

    /// <summary>A pair starts every so many steps.</summary>
    public int PairInterval { get; private set; }

    /// <summary>Exact sums every so many steps; 0: never.</summary>
    public int ExactInterval { get; private set; }

    /// <summary>How many times fewer pairs the client's buffers or the server want.</summary>
    public int Thinning { get; set; } = 1;

    /// <summary>Seconds within which the next report is promised.</summary>
    public double PromiseSeconds => promise.Seconds;

    /// <summary>Probes were asked for out of turn.</summary>
    public bool ProbeSoon { get; set; }

    /// <summary>The schedule as it is told to the server.</summary>
    public Schedule ToMessage() => new()
    {
        PairInterval = (uint)PairInterval,
        ExactInterval = (uint)ExactInterval,
        ProbeInterval = (uint)probeInterval,
        Budget = budget,
        Adaptive = fixedPair is null || fixedExact is null,
    };

    /// <summary>Plans a step. Call once for each, in order.</summary>
    public StepPlan Plan(long number, bool idsGiven)
    {
        var pair = PairInterval * Math.Max(1, Thinning);
        var first = number % pair == 0 && (fixedPair is not null || cheapLedger.IsPaid);
        var isExact = first && ExactInterval > 0 && (ExactInterval < pair || number % ExactInterval < pair) && (fixedExact is not null || exactLedger.IsPaid);
        var second = lastFirst;
        var probe = probeInterval > 0 && (number % probeInterval == 0 || ProbeSoon);
        var plan = new StepPlan(first, second, isExact, second && lastExact && idsGiven, probe);
        (lastFirst, lastExact) = (first, isExact);
        ProbeSoon = ProbeSoon && !probe;
        return plan;
    }

    /// <summary>The pair that has begun is broken (a skipped step): the next step is no second one.</summary>
    public void BreakPair() => (lastFirst, lastExact) = (false, false);

    /// <summary>Takes the measured costs of one step; true when the intervals or the promise changed.</summary>
    /// <param name="plan">What was taken.</param>
    /// <param name="wholeStep">Seconds of the step without the costs.</param>
    /// <param name="costs">What the monitor took.</param>
    public bool Record(StepPlan plan, double wholeStep, StepCosts costs)
    {
        var usual = step.Known ? Math.Min(wholeStep, 4 * step.Seconds) : wholeStep;
        var captured = 0.0;
        if (!plan.Capture)
        {
            step.Add(wholeStep);
        }
        else if (step.Known)
        {
            // Capturing costs time inside the user's forward and backward passes; what the step took beyond the usual is ours.
            captured = capture.Add(Math.Max(0, wholeStep - step.Seconds));
            usual = step.Seconds;
        }

        if (!plan.Cheap)
        {
            idle.Add(costs.Fixed);
        }

        // Half a budget goes to what is counted apart; where no exact sums are wanted all of it goes to the pairs.
        var share = Share(usual);
        cheapLedger.Earn(share, 2 * cheap.Seconds);
        exactLedger.Earn(share, ExactCost);
        if (plan.Cheap)
        {
            cheapLedger.Spend(cheap.Add(costs.Cheap));
        }

        exactLedger.Spend(captured + (plan.Exact ? exact.Add(costs.Exact) : 0) + (plan.Lag ? lag.Add(costs.Lag) : 0));
        return (step.Known && cheap.Known && Adapt()) | (step.Known && promise.Update(Gap(share)));
    }

    private double ExactCost => exact.Seconds + lag.Seconds + capture.Seconds * (lag.Known ? 2 : 1);

    private double Share(double seconds) => Math.Max(1e-12, ((budget * seconds) - Math.Min(idle.Seconds, 0.9 * budget * seconds)) * (fixedExact == 0 ? 1 : 0.5));

    // Where the pair that is due next has to wait until the last is paid for, the gap is longer than the interval.
    private double Gap(double share)
    {
        double steps = PairInterval * Math.Max(1, Thinning);
        if (fixedPair is null && cheapLedger.Debt > 0)
        {
            steps += cheapLedger.Debt / share;
        }

        return steps * step.Seconds;
    }

    private bool Adapt()
    {
        var before = (PairInterval, ExactInterval);
        var share = Share(step.Seconds);
        if (fixedPair is null)
        {
            var single = cheap.Seconds;
            PairInterval = Next(PairInterval, single <= share ? single / share : 2 * single / share, LargestPair);
        }

        if (fixedExact is null)
        {
            ExactInterval = Math.Max(PairInterval, exact.Known ? Next(ExactInterval, ExactCost / share, LargestExact) : ExactInterval);
        }

        return before != (PairInterval, ExactInterval);
    }

    private static int Next(int now, double wanted, int largest)
    {
        var up = PowerOfTwo(wanted, largest);
        if (up > now)
        {
            return up;
        }

        var down = PowerOfTwo(wanted * 1.25, largest);
        return down < now ? down : now;
    }

    private static int PowerOfTwo(double wanted, int largest)
    {
        var power = 1;
        while (power < wanted && power < largest)
        {
            power *= 2;
        }

        return power;
    }
}
