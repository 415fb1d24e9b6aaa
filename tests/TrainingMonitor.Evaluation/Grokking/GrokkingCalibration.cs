using System.Globalization;
using TrainingMonitor.Estimation.Detection;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>Where the constants of the detector's forecast come from: the development part. The weight w makes ln T − (1−w)·ln(time to ρ = 1) − w·ln(1/(ηλ)) narrowest between its tenth and
/// ninetieth percentile, with every cell left out in turn for its own centre; the interval is the split conformal one of the factors T/forecast so left out.</summary>
internal static class GrokkingCalibration
{
    private const double Step = 0.05;

    /// <summary>Prints the constants.</summary>
    public static void Print(IReadOnlyList<GrokkingRun> runs, TextWriter output)
    {
        var used = runs.Where(run => !run.Header.HeldBack && run.IsForewarned).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{used.Count} development runs in {used.Select(run => run.Header.Cell).Distinct(StringComparer.Ordinal).Count()} cells"));
        for (var i = 0; i * Step <= 1; i++)
        {
            Print(used, i * Step, output);
        }
    }

    private static void Print(List<GrokkingRun> runs, double weight, TextWriter output)
    {
        double[] left = [.. runs.Select(run => Residual(run, weight) - Centre(runs.Where(other => other.Header.Cell != run.Header.Cell), weight)).Order()];
        if (left.Length > 0)
        {
            var (low, high) = (Math.Exp(ForecastMethod.Lower(left)), Math.Exp(ForecastMethod.Upper(left)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"w {weight:0.00}: K {Math.Exp(Centre(runs, weight)):0.000}, interval {low:0.000} to {high:0.000} times, ratio {high / low:0.00}"));
        }
    }

    private static double Centre(IEnumerable<GrokkingRun> runs, double weight)
    {
        double[] residuals = [.. runs.Select(run => Residual(run, weight)).Order()];
        return residuals.Length == 0 ? double.NaN : residuals[residuals.Length / 2];
    }

    private static double Residual(GrokkingRun run, double weight)
    {
        var alarm = run.Alarm!;
        var memorized = alarm.Values["memorized_step"];
        var crossing = alarm.Rule is DetectionRule.Grokking ? alarm.SinceStep : alarm.Values["ratio_one_step"];
        return Math.Log(run.Truth.GeneralizedStep - memorized) - ((1 - weight) * Math.Log(Math.Max(1, crossing - memorized))) + (weight * Math.Log(run.DecayRate));
    }
}
