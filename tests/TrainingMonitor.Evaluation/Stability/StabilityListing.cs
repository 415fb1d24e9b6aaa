using System.Globalization;
using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>A run as lines of text, truth beside probe, for the one who works on the detector.</summary>
internal static class StabilityListing
{
    /// <summary>Writes one line a probe.</summary>
    public static void Write(Recording recording, TextWriter output)
    {
        var configuration = recording.Header.Configuration;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recording.Header.Cell}/{recording.Header.Seed} ({string.Join(", ", recording.Header.Facts.Select(f => $"{f.Key} {f.Value}"))})"));
        var loss = recording.Curves[StabilityCurve.Loss];
        for (var i = 0; i < loss.Count; i++)
        {
            var step = loss.Steps[i];
            var text = string.Create(CultureInfo.InvariantCulture, $"  {step,5} loss {loss.Values[i]:0.0000}");
            foreach (var (name, kind) in new[] { (StabilityCurve.Sharpness, ProbeKind.Sharpness), (StabilityCurve.Preconditioned, ProbeKind.PreconditionedSharpness), (StabilityCurve.BatchSharpness, ProbeKind.BatchSharpness) })
            {
                if (ValueAt(recording, name, step) is { } exact)
                {
                    var probe = recording.Probes.FirstOrDefault(p => p.Step == step && p.Kind == kind);
                    var unit = StabilityThreshold.For(configuration, kind, configuration.LearningRate)?.High ?? double.NaN;
                    text += string.Create(CultureInfo.InvariantCulture, $" | {kind} {exact / unit:0.000} ({exact:G4}) probe {(probe.Value / exact) - 1:+0.000%;-0.000%} ± {probe.StandardError / exact:0.000%}");
                }
            }

            text += string.Create(CultureInfo.InvariantCulture, $" | exponent {ValueAt(recording, StabilityCurve.Exponent, step) ?? double.NaN:+0.000;-0.000} k {ValueAt(recording, StabilityCurve.Dimension, step)}");
            output.WriteLine(text);
        }
    }

    private static double? ValueAt(Recording recording, string name, int step)
    {
        if (!recording.Curves.TryGetValue(name, out var curve))
        {
            return null;
        }

        var at = Array.BinarySearch(curve.Steps, step);
        return at >= 0 ? curve.Values[at] : null;
    }
}
