using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators.Clocks;

/// <summary>Sums of one pass over the canaries.</summary>
internal sealed class CanaryPass
{
    private readonly double[] sums = new double[7];
    private readonly double[] counts = new double[CanarySums.MostBins];
    private long choices;

    /// <summary>Ordinal of the pass; −1: none.</summary>
    public long Ordinal { get; private set; } = -1;

    /// <summary>Canaries so far.</summary>
    public double Count => counts.Sum();

    /// <summary>Labels each is drawn from.</summary>
    public int Choices => (int)choices;

    /// <summary>Mean loss at the canaries' labels, nats.</summary>
    public double Loss => sums[0] / Count;

    /// <summary>Mean advantage, nats.</summary>
    public double Advantage => sums[1] / Count;

    /// <summary>Mean pull of the canaries.</summary>
    public double Pull => sums[2] / Count;

    /// <summary>Mean pull of the other examples; NaN where there were none.</summary>
    public double OthersPull => sums[4] / sums[3];

    /// <summary>Mean training loss of the other examples, nats; NaN where there were none.</summary>
    public double TrainLoss => (sums[6] - sums[0]) / (sums[5] - Count);

    /// <summary>Canaries by bin.</summary>
    public long[] Bins()
    {
        var bins = new long[Math.Min(choices, CanarySums.MostBins)];
        for (var i = 0; i < bins.Length; i++)
        {
            bins[i] = (long)counts[i];
        }

        return bins;
    }

    /// <summary>Starts a pass.</summary>
    public void Begin(long ordinal)
    {
        Ordinal = ordinal;
        choices = 0;
        Array.Clear(sums);
        Array.Clear(counts);
    }

    /// <summary>Adds the canaries of a batch of this pass.</summary>
    public void Add(CanarySums canaries)
    {
        choices = canaries.Choices;
        for (var i = 0; i < canaries.RankCounts.Count; i++)
        {
            counts[i] += canaries.RankCounts[i];
        }

        double[] added = [canaries.SumLoss, canaries.SumAdvantage, canaries.SumPull, canaries.Others, canaries.OthersSumPull, canaries.TrainCount, canaries.TrainSumLoss];
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] += added[i];
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Write(Ordinal);
        writer.Write(choices);
        writer.Write(sums);
        writer.Write(counts);
    }

    public void Load(ref StateReader reader)
    {
        (Ordinal, choices) = (reader.ReadInt64(), reader.ReadInt64());
        reader.Read(sums);
        reader.Read(counts);
    }
}
