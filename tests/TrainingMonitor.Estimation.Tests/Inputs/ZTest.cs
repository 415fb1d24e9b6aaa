namespace TrainingMonitor.Estimation.Tests.Inputs;

/// <summary>How many standard errors a sample mean is from what it should be.</summary>
public static class ZTest
{
    public static double Score(double sum, double sumSq, double count, double expected)
    {
        var mean = sum / count;
        return (mean - expected) / Math.Sqrt(((sumSq / count) - (mean * mean)) / count);
    }
}
