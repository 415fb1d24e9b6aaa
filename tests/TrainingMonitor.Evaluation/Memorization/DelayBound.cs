namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>The least delay that any detector of this statistic can have at an average run length: ln(ARL)/KL (Lorden 1971), with the Kullback–Leibler
/// divergence of an oracle that knows the normal law of the gains before (mean 0) and after the turn: KL = μ²/2σ² nats a reading. μ and σ are
/// those of the readings after the turn over the bound itself, found by iteration, since a detector sees no others.</summary>
internal static class DelayBound
{
    private const int LeastReadings = 20;

    /// <summary>Steps; infinite where the gains are not below 0.</summary>
    public static double Of(MemorizationRun run, double averageRunLength)
    {
        (int Step, double Gain)[] after =
        [
            .. run.StandardGains.Steps.Zip(run.StandardGains.Values).Where(r => r.First >= run.Truth.TurnStep && double.IsFinite(r.Second)).Select(r => (r.First, r.Second)),
        ];
        if (after.Length < LeastReadings)
        {
            return double.PositiveInfinity;
        }

        double sum = 0, squares = 0;
        for (var i = 0; i < after.Length; i++)
        {
            sum += after[i].Gain;
            squares += after[i].Gain * after[i].Gain;
            double n = i + 1, mean = sum / n, variance = (squares / n) - (mean * mean);
            if (n >= LeastReadings && mean < 0 && n * mean * mean / (2 * variance) >= Math.Log(averageRunLength))
            {
                return after[i].Step - run.Truth.TurnStep;
            }
        }

        return double.PositiveInfinity;
    }
}
