using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Detection.Grokking;

/// <summary>When held-out accuracy reaches 95%, from when ρ passes 1. A run generalizes later than ρ passes 1, and by how much goes with two times: how long ρ took from
/// memorization to 1, and the time 1/(ηλ) in which decoupled weight decay forgets. With both, T = K·(time to ρ = 1)^(1−w)·(1/(ηλ))^w after memorization; without
/// decoupled decay, T = K₁·(time to ρ = 1).</summary>
/// <param name="Step">The forecast.</param>
/// <param name="Low">Lower end of its interval.</param>
/// <param name="High">Upper end.</param>
public readonly record struct GeneralizationForecast(double Step, double Low, double High)
{
    // Six configurations of one run each, tried by hand (additions, a multiplication and a division mod 47 and 59, AdamW, full batch): T over the product below was 5.1 to 10.3 with w = 1/2, 2.1 to 6.7 times
    // the climb with w = 0, and 8.8 to 24 times 1/(ηλ) with w = 1. The ends of the intervals are those ranges, widened a little; with so few runs they are no conformal ones yet.
    private const double DecayWeight = 0.5;
    private const double Factor = 8;
    private const double LowShare = 0.6;
    private const double HighShare = 1.4;
    private const double FactorAlone = 4;
    private const double LowShareAlone = 0.5;
    private const double HighShareAlone = 1.8;

    /// <summary>Of a run that memorized at <paramref name="since"/> and whose ρ passes 1 at <paramref name="crossing"/>, as seen at <paramref name="step"/>.</summary>
    public static GeneralizationForecast Of(long since, double crossing, long step, RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var climb = Math.Max(1, crossing - since);
        var rate = configuration.LearningRate * configuration.WeightDecay;
        var decays = configuration.DecoupledDecay && rate > 0;
        var time = decays ? Factor * Math.Pow(climb, 1 - DecayWeight) * Math.Pow(1 / rate, DecayWeight) : FactorAlone * climb;
        var low = since + (time * (decays ? LowShare : LowShareAlone));
        var high = since + (time * (decays ? HighShare : HighShareAlone));
        return new GeneralizationForecast(Math.Max(step, since + time), Math.Max(step, low), Math.Max(step, high));
    }
}
