namespace TrainingMonitor.TorchSharp.Scheduling;

/// <summary>The time within which the next report is promised: silence beyond it is told as a stalled run. Three times the longest gap that the schedule makes at the measured
/// step time, and never below a minute; in doubled minutes, so that it is told again only when it means something.</summary>
internal sealed class ReportPromise(double wanted)
{
    private const double Least = 60, BeforeAnyStep = 300, Longest = 86_400, Margin = 3;
    private bool measured;

    /// <summary>Seconds; what the user asked for, where anything.</summary>
    public double Seconds { get; private set; } = wanted > 0 ? wanted : BeforeAnyStep;

    /// <summary>Takes the longest gap between two reports, in seconds; true when the promise changed. Longer at once, shorter only by a factor of four.</summary>
    public bool Update(double gap)
    {
        if (wanted > 0)
        {
            return false;
        }

        var seconds = Least;
        while (seconds < Margin * gap && seconds < Longest)
        {
            seconds *= 2;
        }

        if (measured && seconds <= Seconds && seconds > Seconds / 4)
        {
            return false;
        }

        var before = Seconds;
        (Seconds, measured) = (seconds, true);
        return seconds != before;
    }
}
