using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>The step being applied and where estimators write what they make of it.</summary>
internal readonly ref struct SeriesTarget(StepInput step, RunConfiguration configuration, Span<double> run, Span<double> layers)
{
    private readonly Span<double> run = run;
    private readonly Span<double> layers = layers;

    /// <summary>The step.</summary>
    public StepInput Step { get; } = step;

    /// <summary>Hyper-parameters.</summary>
    public RunConfiguration Configuration { get; } = configuration;

    /// <summary>Whether step − 1 of the same segment was applied just before.</summary>
    public bool Follows { get; init; }

    /// <summary>Steps from the one applied before in this segment to this one; 0: it is the segment's first.</summary>
    public long Advance { get; init; }

    /// <summary>A run-level value.</summary>
    public ref double this[RunSeries series] => ref run[(int)series];

    /// <summary>Values of a layer series.</summary>
    public Span<double> Layer(LayerSeries series) => layers.Slice((int)series * Step.LayerCount, Step.LayerCount);

    /// <summary>Factor that takes clipping out of a gradient: 1/c where the optimizer saw c·g; 1 where not clipped or unknown.</summary>
    public double Unclip
    {
        get
        {
            var clip = Step[StepValue.ClipCoefficient];
            return clip is > 0 and < 1 ? 1 / clip : 1;
        }
    }
}
