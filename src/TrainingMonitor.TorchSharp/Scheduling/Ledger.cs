namespace TrainingMonitor.TorchSharp.Scheduling;

/// <summary>Time that one kind of statistics may take, against what it took. The first sample is taken on credit and paid back before the next one, so that the budget holds
/// from the first step on and not only once intervals have settled.</summary>
internal struct Ledger
{
    /// <summary>Seconds taken beyond what was earned; negative: earned and not taken.</summary>
    public double Debt { get; private set; }

    /// <summary>Whether the next sample may be taken.</summary>
    public readonly bool IsPaid => Debt <= 0;

    /// <summary>A step has passed that allows so much.</summary>
    /// <param name="seconds">Allowed.</param>
    /// <param name="most">At most so much is put by: the cost of one sample, so that long quiet ends in no burst.</param>
    public void Earn(double seconds, double most) => Debt = Math.Max(Debt - seconds, Math.Min(Debt, -most));

    /// <summary>A sample has cost so much.</summary>
    public void Spend(double seconds) => Debt += seconds;
}
