using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>How a signal becomes the score of a run.</summary>
/// <param name="Signal">The signal.</param>
/// <param name="Change">Its change since memorization instead of its level.</param>
/// <param name="Falling">Lower is more likely to generalize.</param>
internal sealed record SignalScore(string Signal, bool Change, bool Falling)
{
    /// <summary>All ways to read a signal. The detector's own score has only one.</summary>
    public static IEnumerable<SignalScore> Of(string signal) => signal == GrokkingRun.Detector
        ? [new SignalScore(signal, false, false)]
        : from change in new[] { false, true } from falling in new[] { false, true } select new SignalScore(signal, change, falling);

    /// <summary>In words.</summary>
    public string Name => Signal == GrokkingRun.Detector ? Signal : $"{Signal}{(Change ? ", change since memorization" : "")} ({(Falling ? "low" : "high")})";

    /// <summary>The score at a number of memorization times after memorization, or just before generalization or the end, whichever is first. A run that has not memorized,
    /// or has no such signal, scores negative infinity: it cannot be on its way.</summary>
    public double At(GrokkingRun run, double ages)
    {
        var (from, to) = (run.Truth.MemorizedStep, Math.Min(run.Until, run.Truth.MemorizedStep * (1 + ages)));
        return from < 0 || !run.Signals.TryGetValue(Signal, out var curve) ? double.NegativeInfinity : Read(curve, from, to);
    }

    /// <summary>The highest score from memorization to just before generalization or the end.</summary>
    public double Highest(GrokkingRun run)
    {
        var from = run.Truth.MemorizedStep;
        return from < 0 || !run.Signals.TryGetValue(Signal, out var curve)
            ? double.NegativeInfinity
            : curve.Steps.Where(step => step >= from && step <= run.Until).Select(step => Read(curve, from, step)).DefaultIfEmpty(double.NegativeInfinity).Max();
    }

    private double Read(Curve curve, int from, double to)
    {
        var now = LastBy(curve, to);
        if (now < 0)
        {
            return double.NegativeInfinity;
        }

        var value = Change ? curve.Values[now] - curve.Values[Math.Max(0, LastBy(curve, from))] : curve.Values[now];
        return Falling ? -value : value;
    }

    private static int LastBy(Curve curve, double step)
    {
        var at = Array.BinarySearch(curve.Steps, (int)step);
        return at >= 0 ? at : ~at - 1;
    }
}
