using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Storage.Series;

/// <summary>Names of series that are no member of the catalog: "scalar/…" and "probe/…".</summary>
public static class SeriesNames
{
    /// <summary>Before a user's name.</summary>
    public const string ScalarPrefix = "scalar/";

    /// <summary>Before a probe's name.</summary>
    public const string ProbePrefix = "probe/";

    /// <summary>Name of a probe's series.</summary>
    public static string Probe(ProbeKind kind) => kind switch
    {
        ProbeKind.Sharpness => "probe/sharpness",
        ProbeKind.PreconditionedSharpness => "probe/preconditioned_sharpness",
        ProbeKind.BatchSharpness => "probe/batch_sharpness",
        ProbeKind.CriticalSharpness => "probe/critical_sharpness",
        ProbeKind.HessianTrace => "probe/hessian_trace",
        ProbeKind.NextBatchGain => "probe/next_batch_gain",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
