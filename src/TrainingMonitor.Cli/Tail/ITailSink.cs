using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tail;

/// <summary>Takes what was made of a log.</summary>
internal interface ITailSink
{
    /// <summary>What the run is; before everything else, and when more is known.</summary>
    void Describe(long plannedSteps, string format);

    /// <summary>A step.</summary>
    void Report(StepReport report);

    /// <summary>Numbers of the log's own names.</summary>
    void Log(long step, IReadOnlyDictionary<string, double> scalars, long timeUnixNs);
}
