using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Conversion;

/// <summary>Turns a probe as sent into the estimators' input.</summary>
public static class ProbeConversion
{
    /// <summary>Converts; an unknown standard error becomes NaN.</summary>
    public static ProbeInput ToInput(this ProbeResult probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        return new ProbeInput(
            (Estimation.Input.ProbeKind)(int)probe.Kind,
            (long)probe.Step,
            probe.TimeUnixNs,
            probe.Value,
            probe.HasStandardError ? probe.StandardError : double.NaN,
            probe.Converged);
    }
}
