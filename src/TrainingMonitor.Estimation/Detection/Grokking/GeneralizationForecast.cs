namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>When held-out accuracy reaches 95%, as seen with the first alarm. The run then is t steps old, and it generalizes at t·exp(a + b·ln(L/L₀) + c·min(ρ, 1)): the further the loss is
/// still up (L/L₀, its share of the first loss; strong decay holds it up) the longer it takes, and the nearer ρ is to 1 the less is left. The constants are the regression over the development
/// runs of the grokking suite, the interval is the split conformal one of its errors with every configuration left out in turn (`calibrate grokking`, docs/evaluation/grokking.md).</summary>
/// <param name="Step">The forecast.</param>
/// <param name="Low">Lower end of the 80% interval.</param>
/// <param name="High">Upper end.</param>
public readonly record struct GeneralizationForecast(double Step, double Low, double High)
{
    private const double Constant = 2.733;
    private const double LossWeight = 0.279;
    private const double RatioWeight = -1.116;
    private const double LowShare = 0.744;
    private const double HighShare = 1.534;

    /// <summary>Forecast at a step of a run that began at <paramref name="first"/>.</summary>
    /// <param name="first">Step of the first loss.</param>
    /// <param name="step">The step now.</param>
    /// <param name="lossShare">Smoothed training loss over the first loss.</param>
    /// <param name="ratio">ρ now.</param>
    public static GeneralizationForecast Of(long first, long step, double lossShare, double ratio)
    {
        var age = Math.Max(1, step - first);
        var time = age * Math.Exp(Constant + (LossWeight * Math.Log(Math.Max(lossShare, double.Epsilon))) + (RatioWeight * Math.Min(ratio, 1)));
        return new GeneralizationForecast(AtLeast(time), AtLeast(LowShare * time), AtLeast(HighShare * time));

        // It has not happened yet, or there would be nothing to say.
        double AtLeast(double steps) => Math.Max(step, first + steps);
    }
}
