using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Detection;

/// <summary>What a detector may look at: the input just applied and every estimate after it.</summary>
public readonly ref struct DetectorContext
{
    private readonly StepInput? input;
    private readonly ReadOnlySpan<double> layerValues;

    /// <summary>Makes the view; <paramref name="layerValues"/> has one block of layers a <see cref="LayerSeries"/>.</summary>
    public DetectorContext(
        StepInput? input, ReadOnlySpan<double> runValues, ReadOnlySpan<double> layerValues, IReadOnlyList<string> layerNames, RunConfiguration configuration)
    {
        this.input = input;
        this.layerValues = layerValues;
        RunValues = runValues;
        LayerNames = layerNames;
        Configuration = configuration;
    }

    /// <summary>Whether there is a step: true in <see cref="Detector.Apply"/> only.</summary>
    public bool HasInput => input is not null;

    /// <summary>The step; only where <see cref="HasInput"/>.</summary>
    public StepInput Input => input ?? throw new InvalidOperationException("No step is being applied.");

    /// <summary>The step, the probe's step, or the last step seen (−1: none yet).</summary>
    public long Step { get; init; }

    /// <summary>Trainer's clock (or the clock of the event), ns.</summary>
    public long TimeUnixNs { get; init; }

    /// <summary>Ordinal of the attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Ordinal of the segment inside the attempt.</summary>
    public int Segment { get; init; }

    /// <summary>Whether the step before this one in the same segment was applied just before it.</summary>
    public bool FollowsPreviousStep { get; init; }

    /// <summary>The pair (t−1, t) that this step closed, with its parts.</summary>
    public TransferReading Transfer { get; init; }

    /// <summary>The same, layer by layer.</summary>
    public LayerPairs LayerPairs { get; init; }

    /// <summary>Hyper-parameters.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>Names of the layers, in table order.</summary>
    public IReadOnlyList<string> LayerNames { get; }

    /// <summary>Run-level values by <see cref="RunSeries"/>; NaN where absent.</summary>
    public ReadOnlySpan<double> RunValues { get; }

    /// <summary>A run-level value; NaN where absent.</summary>
    public double this[RunSeries series] => RunValues[(int)series];

    /// <summary>Values of a layer series, one a layer; NaN where absent.</summary>
    public ReadOnlySpan<double> LayerValues(LayerSeries series) => layerValues.Slice((int)series * LayerNames.Count, LayerNames.Count);
}
