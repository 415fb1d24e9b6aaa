using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>What went wrong, and when, by the loss of a fixed part of the training set, which no detector sees. With P_t that loss before step t and B_t the
/// median of the 32 before it, the run spikes at the first t with P_t &gt; 1.5·B_t and P_t &gt; B_t + 0.1·P_0, or with P_t not finite. A run is without a spike
/// where no P_t passes half of either rise; what lies between is not scored. It diverges at the first t with P_t &gt; 3·P_0 after which ten losses in a row (or all to the
/// end) stay above 1.5·P_0 or are not finite.</summary>
/// <param name="SpikeStep">Step of the spike; null: none.</param>
/// <param name="PeakStep">Step of the largest loss within 100 steps of it.</param>
/// <param name="NonFiniteStep">First step with a loss or gradient that is not finite; null: none.</param>
/// <param name="DivergedStep">Step from which the loss ran away; null: it did not.</param>
/// <param name="IsCalm">Whether nothing came near a spike.</param>
internal readonly record struct InstabilityTruth(int? SpikeStep, int? PeakStep, int? NonFiniteStep, int? DivergedStep, bool IsCalm)
{
    /// <summary>Fact of a recording that has it.</summary>
    public const string NonFiniteFact = "nonfinite_step";

    /// <summary>Rise over the median that is a spike, as a share of the median.</summary>
    public const double LeastRise = 0.5;

    /// <summary>Rise that is a spike, as a share of the first loss.</summary>
    public const double LeastShare = 0.1;

    /// <summary>Losses behind the median.</summary>
    public const int Window = 32;

    private const int PeakWithin = 100;
    private const double RunAway = 3;
    private const double Worse = 1.5;
    private const int DivergedFor = 10;

    /// <summary>The step to be forewarned of: the spike, or the first number that is not finite where that comes before.</summary>
    public int? Step => SpikeStep is { } spike && NonFiniteStep is { } broke ? Math.Min(spike, broke) : SpikeStep ?? NonFiniteStep;

    /// <summary>From the recorded curve.</summary>
    public static InstabilityTruth Of(Recording recording)
    {
        var curve = recording.Curves[CurveName.LossOf(CurveName.Train)];
        int? broke = recording.Header.Facts.TryGetValue(NonFiniteFact, out var step) ? (int)step : null;
        var (spike, calm) = Spike(curve.Values);
        int? peak = null;
        for (var t = spike ?? curve.Count; t < curve.Count && t <= spike + PeakWithin; t++)
        {
            peak = peak is null || !(curve.Values[t] <= curve.Values[peak.Value]) ? t : peak;
            if (!double.IsFinite(curve.Values[t]))
            {
                break;
            }
        }

        return new InstabilityTruth(
            spike is { } s ? curve.Steps[s] : null, peak is { } p ? curve.Steps[p] : null, broke, Diverged(curve), calm && broke is null);
    }

    private static int? Diverged(Curve curve)
    {
        var losses = curve.Values;
        for (var t = 1; t < losses.Length; t++)
        {
            var stays = losses[t..Math.Min(losses.Length, t + DivergedFor)].All(loss => !(loss <= Worse * losses[0]));
            if (!(losses[t] <= RunAway * losses[0]) && stays)
            {
                return curve.Steps[t];
            }
        }

        return null;
    }

    private static (int? Spike, bool Calm) Spike(double[] losses)
    {
        var window = new double[Window];
        var calm = true;
        for (var t = Window; t < losses.Length; t++)
        {
            losses.AsSpan(t - Window, Window).CopyTo(window);
            Array.Sort(window);
            var median = 0.5 * (window[(Window / 2) - 1] + window[Window / 2]);
            var rise = losses[t] - median;
            if (!(rise <= LeastRise * median) && !(rise <= LeastShare * losses[0]))
            {
                return (t, false);
            }

            calm &= rise <= 0.5 * LeastRise * median || rise <= 0.5 * LeastShare * losses[0];
        }

        return (null, calm);
    }
}
