namespace TrainingMonitor.Estimation.Input;

/// <summary>The random-label canaries of one batch that were trained on before, by what the network's outputs say of their labels before this step
/// (<c>CanarySums</c> of the wire contract). Additive over ranks.</summary>
/// <param name="Classes">C.</param>
/// <param name="Canaries">Canaries of the run.</param>
/// <param name="Pass">Passes over them finished before; within one each is counted once.</param>
/// <param name="RankCounts">Canaries by bin of the rank of their label's loss among all classes, lowest first; min(C, 10) bins.</param>
/// <param name="SumLoss">Σ L(i, y_i), nats.</param>
/// <param name="SumAdvantage">Σ A_i, A_i = mean_c L(i, c) − L(i, y_i), nats.</param>
/// <param name="SumAdvantageSq">Σ A_i².</param>
public sealed record CanarySums(int Classes, long Canaries, long Pass, IReadOnlyList<long> RankCounts, double SumLoss, double SumAdvantage, double SumAdvantageSq)
{
    /// <summary>Most bins of ranks.</summary>
    public const int MostBins = 10;

    /// <summary>Canaries counted.</summary>
    public long Count => RankCounts.Sum();

    /// <summary>The sums of two ranks together; those of the later pass, where they differ in it.</summary>
    public CanarySums Plus(CanarySums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Pass != other.Pass || Classes != other.Classes)
        {
            return Pass >= other.Pass ? this : other;
        }

        return this with
        {
            RankCounts = [.. RankCounts.Zip(other.RankCounts, (a, b) => a + b)],
            SumLoss = SumLoss + other.SumLoss,
            SumAdvantage = SumAdvantage + other.SumAdvantage,
            SumAdvantageSq = SumAdvantageSq + other.SumAdvantageSq,
        };
    }
}
