namespace TrainingMonitor.Evaluation.Instability;

/// <summary>One configuration of the instability suite.</summary>
/// <param name="Name">Name, with what the cell is about first: "shock", "stale", "corrupt", "overflow" or "healthy".</param>
/// <param name="Seeds">Runs.</param>
/// <param name="HeldBack">Scored for the report only.</param>
/// <param name="Training">The run.</param>
internal sealed record InstabilityCell(string Name, int Seeds, bool HeldBack, InstabilityTraining Training)
{
    /// <summary>What the cell is about.</summary>
    public string Kind => Name.Split('-')[0];
}
