using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp.Scheduling;

/// <summary>Decides which steps are looked at. The unit is the pair (t, t+1). Intervals that the user leaves open are powers of two and
/// follow from measured costs: half of the budget for the cheap pairs, half for exact sums with the lag sums that follow them. They double at once
/// when a share is passed and halve when the cost would stay a fifth below it.</summary>
internal sealed class StepSchedule
{
    private const int LargestPair = 1 << 10, LargestExact = 1 << 14;
    private readonly int? fixedPair, fixedExact;
    private readonly int probeInterval;
    private readonly double budget;
    private bool lastFirst, lastExact;
    private CostAverage step, cheap, exact, lag, capture;

    /// <summary>Starts with the user's intervals or, where open, with 16 and 64.</summary>
    public StepSchedule(WatchOptions options, bool canBeExact)
    {
        fixedPair = options.PairInterval;
        fixedExact = canBeExact ? options.ExactInterval : 0;
        probeInterval = options.Probes?.Interval ?? 0;
        budget = options.Budget;
        PairInterval = fixedPair ?? 16;
        ExactInterval = fixedExact ?? Math.Max(64, PairInterval);
    }

    /// <summary>A pair starts every so many steps.</summary>
    public int PairInterval { get; private set; }

    /// <summary>Exact sums every so many steps; 0: never.</summary>
    public int ExactInterval { get; private set; }

    /// <summary>How many times fewer pairs the client's buffers or the server want.</summary>
    public int Thinning { get; set; } = 1;

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
        var first = number % pair == 0;
        var isExact = first && ExactInterval > 0 && (ExactInterval < pair || number % ExactInterval < pair);
        var second = lastFirst;
        var probe = probeInterval > 0 && (number % probeInterval == 0 || ProbeSoon);
        var plan = new StepPlan(first, second, isExact, second && lastExact && idsGiven, probe);
        (lastFirst, lastExact) = (first, isExact);
        ProbeSoon = ProbeSoon && !probe;
        return plan;
    }

    /// <summary>The pair that has begun is broken (a skipped step): the next step is no second one.</summary>
    public void BreakPair() => (lastFirst, lastExact) = (false, false);

    /// <summary>Takes the measured costs of one step, in seconds; true when the intervals changed.</summary>
    /// <param name="plan">What was taken.</param>
    /// <param name="wholeStep">Wall time of the step without the parts below.</param>
    /// <param name="cheapCost">Cost of the cheap set and the report.</param>
    /// <param name="exactCost">Cost of exact sums.</param>
    /// <param name="lagCost">Cost of lag sums.</param>
    public bool Record(StepPlan plan, double wholeStep, double cheapCost, double exactCost, double lagCost)
    {
        if (plan.Capture)
        {
            if (step.Known)
            {
                // Capturing costs time inside the user's forward and backward passes; what the step took beyond the usual is ours.
                capture.Add(Math.Max(0, wholeStep - step.Seconds));
            }
        }
        else
        {
            step.Add(wholeStep);
        }

        if (plan.Cheap)
        {
            cheap.Add(cheapCost);
        }

        if (plan.Exact)
        {
            exact.Add(exactCost);
        }

        if (plan.Lag)
        {
            lag.Add(lagCost);
        }

        return step.Known && cheap.Known && Adapt();
    }

    private bool Adapt()
    {
        var before = (PairInterval, ExactInterval);
        var share = Math.Max(1e-12, budget * step.Seconds * (fixedExact == 0 ? 1 : 0.5));
        if (fixedPair is null)
        {
            var single = cheap.Seconds;
            PairInterval = Next(PairInterval, single <= share ? single / share : 2 * single / share, LargestPair);
        }

        if (fixedExact is null && exact.Known)
        {
            var cost = exact.Seconds + lag.Seconds + capture.Seconds * (lag.Known ? 2 : 1);
            ExactInterval = Math.Max(PairInterval, Next(ExactInterval, cost / share, LargestExact));
        }
        else if (fixedExact is null)
        {
            ExactInterval = Math.Max(PairInterval, ExactInterval);
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
