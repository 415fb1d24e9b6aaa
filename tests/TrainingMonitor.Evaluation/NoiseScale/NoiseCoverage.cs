using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.NoiseScale;

/// <summary>How often an interval had the truth, and how wide it was.</summary>
internal sealed class NoiseCoverage
{
    private readonly List<double> widths = [];
    private int covered;
    private int below;
    private int open;

    /// <summary>Checks so far.</summary>
    public int Total { get; private set; }

    /// <summary>Share that had the truth.</summary>
    public Proportion Covered => new(covered, Total);

    /// <summary>Share of intervals that lay wholly above the truth.</summary>
    public Proportion TooHigh => new(Total - covered - below, Total);

    /// <summary>Share of intervals that lay wholly below the truth.</summary>
    public Proportion TooLow => new(below, Total);

    /// <summary>Share without an upper end.</summary>
    public Proportion Open => new(open, Total);

    /// <summary>Upper over lower end, the median; infinite where most have no upper end.</summary>
    public double Width => Quantiles.Of(widths).Median;

    /// <summary>Adds an interval.</summary>
    public void Add(double truth, double low, double high)
    {
        Total++;
        covered += low <= truth && truth <= high ? 1 : 0;
        below += high < truth ? 1 : 0;
        open += double.IsPositiveInfinity(high) ? 1 : 0;
        widths.Add(high / low);
    }
}
