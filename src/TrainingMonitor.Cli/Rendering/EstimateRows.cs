using Spectre.Console;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>The newest estimates in the words of a reader.</summary>
internal static class EstimateRows
{
    private static readonly (string Series, string Title)[] Known =
    [
        ("loss", "loss"),
        ("accuracy", "accuracy"),
        ("held_out_loss", "held-out loss"),
        ("held_out_accuracy", "held-out accuracy"),
        ("noise_scale", "noise scale"),
        ("loo_ratio", "LOO ratio"),
        ("memorized_nats", "memorized nats"),
        ("fresh_gain", "fresh gain"),
        ("sentinel_loss", "sentinel loss"),
        ("canary_advantage", "canary advantage"),
        ("sharpness", "sharpness"),
        ("sharpness_ratio", "over threshold"),
        ("update_ratio", "update ratio"),
        ("rms_staleness", "RMS staleness"),
    ];

    /// <summary>Plain text: "loss 0.41, noise scale 123, …" of what is known.</summary>
    public static string Text(IEnumerable<KeyValuePair<string, double>> estimates)
    {
        var values = new Dictionary<string, double>(estimates, StringComparer.Ordinal);
        return string.Join(
            ", ",
            Known.Where(known => values.TryGetValue(known.Series, out var value) && double.IsFinite(value))
                .Select(known => $"{known.Title} {Numbers.Short(values[known.Series])}"));
    }

    /// <summary>Markup: "loss 0.41 · noise scale 123 · …" of what is known.</summary>
    public static string Line(IReadOnlyDictionary<string, double> estimates) => string.Join(
        " [grey]·[/] ",
        Known.Where(known => estimates.TryGetValue(known.Series, out var value) && double.IsFinite(value))
            .Select(known => $"[grey]{known.Title}[/] {Numbers.Short(estimates[known.Series])}"));
}
