namespace TrainingMonitor.TorchSharp.Scheduling;

/// <summary>A moving average of a cost in seconds. The first sample is thrown away (it holds just-in-time compilation), later ones count at most four times the average.</summary>
internal struct CostAverage
{
    private int samples;

    /// <summary>The average; 0 before two samples.</summary>
    public double Seconds { get; private set; }

    /// <summary>Whether the average says anything.</summary>
    public readonly bool Known => samples > 1;

    /// <summary>Takes a sample; returns what it counts for.</summary>
    public double Add(double seconds)
    {
        samples++;
        if (samples < 3)
        {
            Seconds = samples == 2 ? seconds : 0;
            return seconds;
        }

        // A pause of the machine in the middle of a sample is not its cost.
        var counted = Math.Min(seconds, 4 * Seconds);
        Seconds += 0.2 * (counted - Seconds);
        return counted;
    }
}
