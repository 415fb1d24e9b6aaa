using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp.Reporting;

/// <summary>Where reports go: the client, or a list in tests.</summary>
internal interface IReportSink : IDisposable
{
    /// <summary>False: nothing that is reported goes anywhere any more, and the reason has been said.</summary>
    bool IsOn { get; }

    /// <summary>How many times fewer pairs fit into the buffers now.</summary>
    int Thinning { get; }

    /// <summary>A person asked the run to stop.</summary>
    bool ShouldStop { get; }

    /// <summary>The run's page; empty until known.</summary>
    string Page { get; }

    /// <summary>Alerts, on a background thread.</summary>
    event Action<Alert>? OnAlert;

    /// <summary>Advice, on a background thread.</summary>
    event Action<Advice>? OnAdvice;

    /// <summary>Declares the layers.</summary>
    void SetLayers(LayerTable table);

    /// <summary>Says what the run is.</summary>
    void SetDescription(RunDescription description);

    /// <summary>Takes a step.</summary>
    void Report(StepReport report);

    /// <summary>Takes a probe.</summary>
    void Report(ProbeResult probe);

    /// <summary>Takes user scalars.</summary>
    void Log(long step, IReadOnlyDictionary<string, double> scalars);

    /// <summary>Says goodbye.</summary>
    void Finish(Goodbye.Types.Reason reason, string message);
}
