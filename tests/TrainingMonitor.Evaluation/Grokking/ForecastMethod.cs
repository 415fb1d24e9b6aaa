namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>A rival of the detector's forecast: a law with one constant, taken with its 80% interval from the development part by split conformal prediction (Vovk et al. 2005).</summary>
/// <param name="Name">In words.</param>
/// <param name="Constant">The constant that would have been right for a run.</param>
/// <param name="Forecast">Step of generalization from the constant.</param>
internal sealed record ForecastMethod(string Name, Func<GrokkingRun, double> Constant, Func<GrokkingRun, double, double> Forecast)
{
    private const double Tail = 0.1;

    /// <summary>Every run takes as many steps from its alarm as any other.</summary>
    public static ForecastMethod ConstantSteps { get; } = new(
        "constant number of steps from the alarm", run => run.Truth.GeneralizedStep - run.Alarm!.Step, (run, constant) => run.Alarm!.Step + constant);

    /// <summary>The decay forgets what memorization wrote at rate ηλ: c/(ηλ) steps after memorization (arXiv 2603.13331, its logarithm of norms being part of c, since the
    /// norm after generalization is not known before).</summary>
    public static ForecastMethod NormLaw { get; } = new(
        "norm law c/(ηλ) from memorization", run => (run.Truth.GeneralizedStep - run.Truth.MemorizedStep) * run.DecayRate, (run, constant) => run.Truth.MemorizedStep + (constant / run.DecayRate));

    /// <summary>Forecasts for runs, with the constant of the others.</summary>
    public IEnumerable<ForecastOutcome> Outcomes(IEnumerable<GrokkingRun> development, IEnumerable<GrokkingRun> runs)
    {
        double[] constants = [.. development.Select(Constant).Order()];
        if (constants.Length == 0)
        {
            return [];
        }

        var (low, middle, high) = (Lower(constants), constants[constants.Length / 2], Upper(constants));
        return runs.Select(run => new ForecastOutcome(run, Math.Max(run.Alarm!.Step, Forecast(run, middle)), Math.Max(run.Alarm.Step, Forecast(run, low)), Math.Max(run.Alarm.Step, Forecast(run, high))));
    }

    /// <summary>Lower end of the conformal interval of sorted values: the ⌊0.1(n+1)⌋-th smallest; negative infinity where there are too few for one.</summary>
    public static double Lower(double[] sorted)
    {
        var rank = (int)Math.Floor(Tail * (sorted.Length + 1));
        return rank >= 1 ? sorted[rank - 1] : double.NegativeInfinity;
    }

    /// <summary>Upper end: the ⌈0.9(n+1)⌉-th smallest; infinity where there are too few.</summary>
    public static double Upper(double[] sorted)
    {
        var rank = (int)Math.Ceiling((1 - Tail) * (sorted.Length + 1));
        return rank <= sorted.Length ? sorted[rank - 1] : double.PositiveInfinity;
    }
}
