using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>What happened: when the run had memorized and when it had generalized.</summary>
/// <param name="MemorizedStep">First evaluation with training accuracy of at least 99%; −1: never.</param>
/// <param name="GeneralizedStep">First of three evaluations in a row with held-out accuracy of at least 95%; −1: never.</param>
internal readonly record struct GrokkingTruth(int MemorizedStep, int GeneralizedStep)
{
    /// <summary>Held-out accuracy that counts as generalized.</summary>
    public const double Generalized = 0.95;

    private const double Memorized = 0.99;
    private const int InARow = 3;

    /// <summary>Generalized, and only after it had memorized: before, there was nothing to forecast.</summary>
    public bool Grokked => GeneralizedStep >= 0 && MemorizedStep >= 0 && GeneralizedStep > MemorizedStep;

    /// <summary>From the recorded curves.</summary>
    public static GrokkingTruth Of(Recording recording) => new(
        First(recording.Curves[CurveName.AccuracyOf(CurveName.Train)], Memorized, 1),
        First(recording.Curves[CurveName.AccuracyOf(CurveName.HeldOut)], Generalized, InARow));

    private static int First(Curve curve, double level, int inARow)
    {
        for (var i = 0; i + inARow <= curve.Count; i++)
        {
            if (curve.Values.AsSpan(i, inARow).IndexOfAnyInRange(double.NegativeInfinity, Math.BitDecrement(level)) < 0)
            {
                return curve.Steps[i];
            }
        }

        return -1;
    }
}
