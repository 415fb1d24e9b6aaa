using TrainingMonitor.Evaluation.Training;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>What goes wrong in a run, from a step that its seed chooses.</summary>
internal sealed record Fault
{
    /// <summary>First step it may begin at.</summary>
    public required int From { get; init; }

    /// <summary>Steps the seed may add.</summary>
    public int Spread { get; init; } = 100;

    /// <summary>Factor of the learning rate, by steps since the beginning.</summary>
    public Func<int, double>? Rate { get; init; }

    /// <summary>Steps with spoilt batches.</summary>
    public int SpoiltSteps { get; init; }

    /// <summary>How they are spoilt.</summary>
    public Spoiling Spoiling { get; init; }

    /// <summary>Examples that are drawn before the fault only where this holds for them; all after it: parts of the network wake up.</summary>
    public Func<SupervisedData, long, bool>? Quiet { get; init; }

    /// <summary>The fault of a seed.</summary>
    public RunningFault Begin(SupervisedData data, int seed) => new(this, data, seed);
}
