namespace TrainingMonitor.Examples.Jobs;

/// <summary>The jobs, in the order they are listed.</summary>
public static class JobCatalog
{
    /// <summary>All jobs.</summary>
    public static IReadOnlyList<ITrainingJob> All { get; } =
    [
        new DigitsNoiseJob(),
        new DigitsCleanJob(),
        new GrokkingJob(),
        new RandomLabelsJob(),
        new EdgeOfStabilityJob(),
        new DivergingJob(),
    ];

    /// <summary>The job of that name; null where there is none.</summary>
    public static ITrainingJob? Find(string name) => All.FirstOrDefault(job => string.Equals(job.Name, name, StringComparison.OrdinalIgnoreCase));
}
