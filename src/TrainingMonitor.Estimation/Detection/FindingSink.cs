namespace TrainingMonitor.Estimation.Detection;

/// <summary>Takes the transitions that detectors make; <see cref="RunAnalysis.Findings"/> shows them.</summary>
public sealed class FindingSink
{
    private readonly List<Finding> findings = [];

    /// <summary>Transitions since the last <see cref="Clear"/>, in order.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>Adds a transition.</summary>
    public void Add(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        findings.Add(finding);
    }

    /// <summary>Forgets all transitions.</summary>
    public void Clear() => findings.Clear();
}
