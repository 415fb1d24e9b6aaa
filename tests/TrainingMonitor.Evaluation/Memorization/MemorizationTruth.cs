using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>What happened to held-out loss: the step where it was lowest, smoothed over five evaluations, and how much it rose after.</summary>
/// <param name="TurnStep">Step of the lowest smoothed held-out loss.</param>
/// <param name="Rise">Largest later rise, as a share of the lowest.</param>
internal readonly record struct MemorizationTruth(int TurnStep, double Rise)
{
    /// <summary>A rise from which a run is positive.</summary>
    public const double PositiveRise = 0.05;

    /// <summary>A rise below which a run is negative.</summary>
    public const double NegativeRise = 0.02;

    private const int Smoothing = 5;

    /// <summary>Memorized.</summary>
    public bool IsPositive => Rise >= PositiveRise;

    /// <summary>Did not.</summary>
    public bool IsNegative => Rise < NegativeRise;

    /// <summary>From the recorded curve.</summary>
    public static MemorizationTruth Of(Recording recording) => Of(recording.Curves[CurveName.LossOf(CurveName.HeldOut)]);

    /// <summary>From a curve of held-out loss.</summary>
    public static MemorizationTruth Of(Curve curve)
    {
        var smooth = Smooth(curve.Values);
        var lowest = 0;
        for (var i = 1; i < smooth.Length; i++)
        {
            lowest = smooth[i] < smooth[lowest] ? i : lowest;
        }

        var highest = smooth[lowest..].Max();
        return new MemorizationTruth(curve.Steps[lowest], (highest - smooth[lowest]) / Math.Abs(smooth[lowest]));
    }

    // A centred mean: a truth may look into the future.
    private static double[] Smooth(double[] values) =>
        [.. values.Select((_, i) => values[Math.Max(0, i - (Smoothing / 2))..Math.Min(values.Length, i + (Smoothing / 2) + 1)].Average())];
}
