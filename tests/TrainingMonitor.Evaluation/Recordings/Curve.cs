namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Values at some steps: a truth (held-out loss, exact sharpness) or a baseline measured while recording. Never seen by a detector.</summary>
/// <param name="Steps">Ascending.</param>
/// <param name="Values">One a step; NaN: could not be measured.</param>
internal sealed record Curve(int[] Steps, double[] Values)
{
    /// <summary>Number of values.</summary>
    public int Count => Steps.Length;
}
