namespace TrainingMonitor.Cli.Rendering;

/// <summary>A small chart of a run.</summary>
/// <param name="Series">Series name.</param>
/// <param name="Title">Title for a person.</param>
/// <param name="Logarithmic">Draws the logarithm; values that have none are left out.</param>
/// <param name="Mark">A value that matters and is kept in view, such as 1 for the edge of stability.</param>
public sealed record ChartSpec(string Series, string Title, bool Logarithmic = false, double? Mark = null)
{
    /// <summary>The charts of <c>trainmon show</c>, most telling first; those without data are left out.</summary>
    public static IReadOnlyList<ChartSpec> All { get; } =
    [
        new("loss", "Training loss", Logarithmic: true),
        new("held_out_loss", "Held-out loss (for you only)"),
        new("memorized_nats", "Memorized nats"),
        new("sentinel_loss", "Loss on withheld examples"),
        new("canary_advantage", "Advantage of random labels, nats"),
        new("loo_ratio", "LOO ratio (do examples agree?)", Mark: 1),
        new("noise_scale", "Noise scale, examples", Logarithmic: true),
        new("sharpness_ratio", "Sharpness over its threshold", Mark: 1),
    ];
}
