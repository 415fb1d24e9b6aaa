using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tail;

/// <summary>Takes everything and keeps nothing.</summary>
internal sealed class NoSink : ITailSink
{
    /// <summary>The only one.</summary>
    public static readonly NoSink Instance = new();

    private NoSink()
    {
    }

    /// <inheritdoc/>
    public void Describe(long plannedSteps, string format)
    {
    }

    /// <inheritdoc/>
    public void Report(StepReport report)
    {
    }

    /// <inheritdoc/>
    public void Log(long step, IReadOnlyDictionary<string, double> scalars, long timeUnixNs)
    {
    }
}
