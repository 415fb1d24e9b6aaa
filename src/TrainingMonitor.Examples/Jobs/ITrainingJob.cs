namespace TrainingMonitor.Examples.Jobs;

/// <summary>A small real training run. The loop in <see cref="Run"/> is written to be read: the lines that speak to the monitor are marked.</summary>
public interface ITrainingJob
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>One sentence: what is trained and what there is to see.</summary>
    string Description { get; }

    /// <summary>Optimizer steps it makes unless told otherwise.</summary>
    int Steps { get; }

    /// <summary>Trains until the steps are made, or <see cref="JobContext.Stop"/> is asked for.</summary>
    void Run(JobContext context);
}
