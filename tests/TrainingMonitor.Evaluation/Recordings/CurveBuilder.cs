namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Collects curves by name while a run is recorded.</summary>
internal sealed class CurveBuilder
{
    private readonly Dictionary<string, (List<int> Steps, List<double> Values)> curves = new(StringComparer.Ordinal);

    /// <summary>Adds a value; steps ascend within a curve.</summary>
    public void Add(string name, long step, double value)
    {
        if (!curves.TryGetValue(name, out var curve))
        {
            curves[name] = curve = ([], []);
        }

        curve.Steps.Add((int)step);
        curve.Values.Add(value);
    }

    /// <summary>The curves so far.</summary>
    public Dictionary<string, Curve> ToCurves() =>
        curves.ToDictionary(c => c.Key, c => new Curve([.. c.Value.Steps], [.. c.Value.Values]), StringComparer.Ordinal);
}
