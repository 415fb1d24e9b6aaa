using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>A window of a run: the truth, and what the monitor said at its end.</summary>
/// <param name="End">Last step.</param>
/// <param name="Exponent">Growth a step, ln, of the tangent over the window.</param>
/// <param name="Error">Standard error of it, from the spread of the 20-step exponents it is the mean of.</param>
/// <param name="Zero">Exponents within it count as zero.</param>
/// <param name="ToLow">Exact deciding sharpness over the lower plateau, mean of the window.</param>
/// <param name="ToHigh">The same over the upper plateau; equal where there is one.</param>
/// <param name="Call">What the monitor said.</param>
internal sealed record StabilityWindow(int End, double Exponent, double Error, double Zero, double ToLow, double ToHigh, StabilityRegime Call)
{
    /// <summary>Probes, and points of the truth, in a window.</summary>
    public const int Points = 10;

    // At the edge the oscillation of a network swells and shrinks by e^±4 within 100 steps.
    private const double LargestZero = 0.04;

    // The truth has its own error, so a sharpness counts as between the plateaus from a little beyond them.
    private const double Margin = 0.05;

    /// <summary>The truth.</summary>
    public StabilityVerdict Truth => Exponent < -Zero ? StabilityVerdict.Stable : Exponent > Zero ? StabilityVerdict.Beyond : StabilityVerdict.AtTheEdge;

    /// <summary>Whether the truth itself is told from its neighbour: stable or at the edge, by more than the exponent's standard error.</summary>
    public bool IsDecided => Math.Abs(Exponent + Zero) > Error;

    /// <summary>Whether the exact batch sharpness lies between the two plateaus of momentum SGD.</summary>
    public bool IsBetweenPlateaus => ToLow > 1 + Margin && ToHigh < 1 - Margin;

    /// <summary>Whether the call is right: the sign of the exponent, where an exponent above zero is at the edge or beyond; "in between" where the exact batch
    /// sharpness lies between the plateaus.</summary>
    public bool IsRight => Call switch
    {
        StabilityRegime.InBetween => IsBetweenPlateaus,
        StabilityRegime.Stable or StabilityRegime.ProgressiveSharpening => Truth == StabilityVerdict.Stable,
        StabilityRegime.AtTheEdge => Truth != StabilityVerdict.Stable,
        StabilityRegime.Beyond => Truth == StabilityVerdict.Beyond,
        _ => false,
    };

    /// <summary>The windows of a run, one after the other, without overlap.</summary>
    public static IReadOnlyList<StabilityWindow> Of(Recording recording)
    {
        var calls = new Dictionary<int, StabilityRegime>();
        RunEvents.Of(recording, (analysis, step) =>
        {
            var regime = analysis.RunValues[(int)RunSeries.StabilityRegime];
            if (!double.IsNaN(regime))
            {
                // The step after a probe shows it once more.
                calls[(int)step] = (StabilityRegime)regime;
            }
        });
        var exponents = recording.Curves[StabilityCurve.Exponent];
        var exact = new ExactSharpness(recording);

        // With momentum β a stable oscillation decays by √β a step however sharp it is: half of that is the middle between stable and zero.
        var zero = Math.Min(LargestZero, -Math.Log(recording.Header.Configuration.EffectiveMomentum) / 4);
        var windows = new List<StabilityWindow>();
        for (var i = Points - 1; i < exponents.Count; i += Points)
        {
            var end = exponents.Steps[i];

            // No probe follows the last step: the call is then that of the probe before.
            if (calls.TryGetValue(end, out var call) || calls.TryGetValue(end - StabilityTraining.Interval, out call))
            {
                var (low, high) = exact.MeanRatios(end - ((Points - 1) * StabilityTraining.Interval), end);
                var parts = exponents.Values[(i - Points + 1)..(i + 1)];
                var mean = parts.Average();
                var error = Math.Sqrt(parts.Sum(part => (part - mean) * (part - mean)) / (Points - 1) / Points);
                windows.Add(new StabilityWindow(end, mean, error, zero, low, high, call));
            }
        }

        return windows;
    }
}
