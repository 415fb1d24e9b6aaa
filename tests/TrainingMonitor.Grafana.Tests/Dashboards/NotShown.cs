namespace TrainingMonitor.Grafana.Tests.Dashboards;

/// <summary>Fields that no panel shows, and why.</summary>
internal static class NotShown
{
    /// <summary>The reason; null: there is none, so a panel should show it.</summary>
    public static string? Why(string measurement, string field) => (measurement, field) switch
    {
        ("alert", "id") => "an identity for programs; rule, run and layer say the same to people",
        ("alert", "body") => "the whole alert for programs, in base 64",
        ("scalar", "step") => "scalars are drawn over time; their names are many and share no steps",
        ("run" or "layer" or "probe" or "scalar", _) when field.EndsWith("nonfinite", StringComparison.Ordinal) => "marks what is absent from the field beside it; non_finite counts the elements",
        ("layer", "grad_norm_min" or "grad_norm_max") => null,
        ("layer", _) when Part(field) is "min" or "max" or "last" or "count" => "the mean is drawn; extremes are drawn for the gradient norm, others can be",
        _ => null,
    };

    private static string Part(string field) => field[(field.LastIndexOf('_') + 1)..];
}
