namespace TrainingMonitor.TorchSharp.Scheduling;

/// <summary>What is taken at one step; decided before its forward pass.</summary>
/// <param name="First">First step of a pair.</param>
/// <param name="Second">Second step of a pair: cross terms.</param>
/// <param name="Exact">Exact per-example sums.</param>
/// <param name="Lag">Cross terms per example.</param>
/// <param name="Probe">Curvature probes.</param>
internal readonly record struct StepPlan(bool First, bool Second, bool Exact, bool Lag, bool Probe)
{
    /// <summary>Anything of the cheap set.</summary>
    public bool Cheap => First || Second;

    /// <summary>Layer inputs and output gradients are needed.</summary>
    public bool Capture => Exact || Lag;
}
