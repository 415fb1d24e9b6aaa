namespace TrainingMonitor.Estimation.Input;

/// <summary>The random-label canaries of one batch that were trained on before, by what the network's outputs say of their labels before this step
/// (<c>CanarySums</c> of the wire contract). Additive over ranks.</summary>
/// <param name="Choices">Labels each is drawn from, K.</param>
/// <param name="Canaries">Canaries of the run.</param>
/// <param name="Pass">Passes over them finished before; within one each is counted once.</param>
/// <param name="RankCounts">Canaries by bin of the rank of their label's loss among the choices, lowest first; min(K, 10) bins.</param>
public sealed record CanarySums(int Choices, long Canaries, long Pass, IReadOnlyList<long> RankCounts)
{
    /// <summary>Most bins of ranks.</summary>
    public const int MostBins = 10;

    /// <summary>Σ L(i, y_i), nats.</summary>
    public double SumLoss { get; init; }

    /// <summary>Σ A_i, A_i = mean over choices of L(i, c) − L(i, y_i), nats.</summary>
    public double SumAdvantage { get; init; }

    /// <summary>Σ A_i².</summary>
    public double SumAdvantageSq { get; init; }

    /// <summary>Σ 1 − p_i(y_i) − (1 − Σ p_i over choices)/K: growth of A_i by training on canary i, up to a factor.</summary>
    public double SumPull { get; init; }

    /// <summary>Other examples of the batches.</summary>
    public long Others { get; init; }

    /// <summary>Their Σ ‖softmax − one-hot target‖²: fall of the loss by training on themselves, up to the same factor.</summary>
    public double OthersSumPull { get; init; }

    /// <summary>Examples of all batches since the last of these sums, this batch included.</summary>
    public long TrainCount { get; init; }

    /// <summary>Their training losses, summed, nats.</summary>
    public double TrainSumLoss { get; init; }

    /// <summary>Canaries counted.</summary>
    public long Count => RankCounts.Sum();

    /// <summary>The sums of two ranks together; those of the later pass, where they differ in it.</summary>
    public CanarySums Plus(CanarySums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Pass != other.Pass || Choices != other.Choices)
        {
            return Pass >= other.Pass ? this : other;
        }

        return this with
        {
            RankCounts = [.. RankCounts.Zip(other.RankCounts, (a, b) => a + b)],
            SumLoss = SumLoss + other.SumLoss,
            SumAdvantage = SumAdvantage + other.SumAdvantage,
            SumAdvantageSq = SumAdvantageSq + other.SumAdvantageSq,
            SumPull = SumPull + other.SumPull,
            Others = Others + other.Others,
            OthersSumPull = OthersSumPull + other.OthersSumPull,
            TrainCount = TrainCount + other.TrainCount,
            TrainSumLoss = TrainSumLoss + other.TrainSumLoss,
        };
    }
}
