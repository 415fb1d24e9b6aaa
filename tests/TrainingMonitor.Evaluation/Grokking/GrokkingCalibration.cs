using System.Globalization;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>Where the constants of the detector's forecast come from: the development part. Least squares of ln(steps to generalization over steps at the alarm) on ln(L/L₀) and min(ρ, 1) at the first alarm; the interval
/// is the split conformal one of the errors with every cell left out in turn.</summary>
internal static class GrokkingCalibration
{
    private const int Terms = 3;

    /// <summary>Prints the constants.</summary>
    public static void Print(IReadOnlyList<GrokkingRun> runs, TextWriter output)
    {
        var used = runs.Where(run => !run.Header.HeldBack && run.IsForewarned).ToList();
        var cells = used.Select(run => run.Header.Cell).Distinct(StringComparer.Ordinal).ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{used.Count} development runs in {cells.Count} cells"));
        var constants = Fit(used);
        double[] errors =
        [
            .. cells.SelectMany(cell =>
            {
                var others = Fit([.. used.Where(run => run.Header.Cell != cell)]);
                return used.Where(run => run.Header.Cell == cell).Select(run => Target(run) - Value(others, run));
            }).Order(),
        ];
        var (low, high) = (Math.Exp(ForecastMethod.Lower(errors)), Math.Exp(ForecastMethod.Upper(errors)));
        var spread = Math.Sqrt(errors.Average(error => error * error));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"constant {constants[0]:0.000}, loss {constants[1]:0.000}, ratio {constants[2]:0.000}; interval {low:0.000} to {high:0.000} times, ratio {high / low:0.00}, root mean square {spread:0.000}"));
    }

    private static double[] Features(GrokkingRun run) => [1, Math.Log(run.Alarm!.Values["loss_share"]), Math.Min(run.Alarm.Value, 1)];

    private static double Target(GrokkingRun run)
    {
        var first = run.Alarm!.Values["first_step"];
        return Math.Log((run.Truth.GeneralizedStep - first) / (run.Alarm.Step - first));
    }

    private static double Value(double[] constants, GrokkingRun run) => Features(run).Zip(constants, (feature, constant) => feature * constant).Sum();

    // Normal equations, solved by Gauss–Jordan.
    private static double[] Fit(IReadOnlyList<GrokkingRun> runs)
    {
        var system = new double[Terms, Terms + 1];
        foreach (var run in runs)
        {
            var features = Features(run);
            for (var i = 0; i < Terms; i++)
            {
                for (var j = 0; j < Terms; j++)
                {
                    system[i, j] += features[i] * features[j];
                }

                system[i, Terms] += features[i] * Target(run);
            }
        }

        for (var pivot = 0; pivot < Terms; pivot++)
        {
            for (var row = 0; row < Terms; row++)
            {
                var factor = row == pivot ? 0 : system[row, pivot] / system[pivot, pivot];
                for (var column = pivot; column <= Terms; column++)
                {
                    system[row, column] -= factor * system[pivot, column];
                }
            }
        }

        return [.. Enumerable.Range(0, Terms).Select(i => system[i, Terms] / system[i, i])];
    }
}
