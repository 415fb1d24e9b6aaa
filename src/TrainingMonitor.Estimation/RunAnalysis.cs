using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Clocks;
using TrainingMonitor.Estimation.Detection.Memorization;
using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.Estimators.Clocks;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation;

/// <summary>All estimators and detectors of one run: a pure function of the inputs applied in order. Not thread-safe.</summary>
public sealed partial class RunAnalysis
{
    private readonly FindingSink sink = new();
    private readonly TransferEstimator transfer = new();
    private readonly SharpnessEstimator sharpness = new();
    private readonly Estimator[] estimators;
    private readonly Detector[] detectors;
    private readonly MemorizationDetector memorization;
    private readonly ClockDetector clocks;
    private readonly double[] runValues = new double[SeriesCatalog.RunCount];
    private double[] layerValues = [];
    private string[] layerNames = [];
    private int attempt;
    private int segment;
    private long lastStep = -1;
    private bool hasStep;

    /// <summary>Starts the analysis of a run.</summary>
    public RunAnalysis(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
        estimators = [new NormEstimator(), new NoiseEstimator(), transfer, new GateEstimator(), sharpness, new CanaryEstimator(), new SentinelEstimator()];
        detectors = DetectorSet.Create(configuration);
        memorization = detectors.OfType<MemorizationDetector>().Single();
        clocks = detectors.OfType<ClockDetector>().Single();
        Array.Fill(runValues, double.NaN);
    }

    /// <summary>What is known of the run.</summary>
    public RunConfiguration Configuration { get; private set; }

    /// <summary>Names of the layers, in table order.</summary>
    public IReadOnlyList<string> LayerNames => layerNames;

    /// <summary>Transitions made by the last call of Apply*, Begin* or <see cref="Stalled"/>; cleared by the next.</summary>
    public IReadOnlyList<Finding> Findings => sink.Findings;

    /// <summary>Latest run-level values by <see cref="RunSeries"/>; NaN where absent at the last step.</summary>
    public ReadOnlySpan<double> RunValues => runValues;

    /// <summary>Where the memorization detector stands.</summary>
    public MemorizationReading Memorization => memorization.Reading;

    /// <summary>The step where held-out loss was lowest, by canaries and sentinels; NaN: it has not risen, or there are none.</summary>
    public double TurnStep => clocks.TurnStep;

    /// <summary>Latest values of a layer series, one a layer; NaN where absent at the last step.</summary>
    public ReadOnlySpan<double> LayerValues(LayerSeries series) => layerValues.AsSpan((int)series * layerNames.Length, layerNames.Length);

    /// <summary>Latest values of all layer series, by [series * layers + layer]; NaN where absent at the last step.</summary>
    public ReadOnlySpan<double> LayerValues() => layerValues;

    /// <summary>New hyper-parameters, mid-run.</summary>
    public void Configure(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
        foreach (var detector in detectors)
        {
            detector.Configure(configuration);
        }
    }

    /// <summary>A new layer table: layers that keep their name keep their estimates.</summary>
    public void SetLayers(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var places = new Dictionary<string, int>(layerNames.Length, StringComparer.Ordinal);
        for (var i = 0; i < layerNames.Length; i++)
        {
            places.TryAdd(layerNames[i], i);
        }

        var previous = new int[names.Count];
        for (var i = 0; i < previous.Length; i++)
        {
            previous[i] = places.GetValueOrDefault(names[i], -1);
        }

        layerNames = [.. names];
        layerValues = new double[names.Count * SeriesCatalog.LayerCount];
        Array.Fill(layerValues, double.NaN);
        foreach (var estimator in estimators)
        {
            estimator.SetLayers(previous);
        }

        foreach (var detector in detectors)
        {
            detector.SetLayers(previous);
        }
    }

    /// <summary>A new attempt, or a rewind inside one: windows restart, detectors are muted at the seam, alerts of the old segment resolve.</summary>
    public void BeginSegment(int attempt, int segment, long timeUnixNs)
    {
        sink.Clear();
        (this.attempt, this.segment, hasStep) = (attempt, segment, false);
        Array.Fill(runValues, double.NaN);
        Array.Fill(layerValues, double.NaN);
        foreach (var estimator in estimators)
        {
            estimator.BeginSegment();
        }

        var context = Context(null, lastStep, timeUnixNs);
        foreach (var detector in detectors)
        {
            detector.BeginSegment(context, sink);
        }
    }

    /// <summary>Applies a step.</summary>
    public void Apply(StepInput step)
    {
        ArgumentNullException.ThrowIfNull(step);
        sink.Clear();
        if (step.LayerCount != layerNames.Length)
        {
            throw new ArgumentException($"The step has {step.LayerCount} layers, the table {layerNames.Length}.", nameof(step));
        }

        var advance = hasStep ? Math.Max(0, step.Step - lastStep) : 0;
        var follows = advance == 1;
        (lastStep, hasStep) = (step.Step, true);
        Array.Fill(runValues, double.NaN);
        Array.Fill(layerValues, double.NaN);
        var target = new SeriesTarget(step, Configuration, runValues, layerValues) { Follows = follows, Advance = advance };
        foreach (var estimator in estimators)
        {
            estimator.Apply(target);
        }

        var context = Context(step, step.Step, step.TimeUnixNs, follows);
        foreach (var detector in detectors)
        {
            detector.Apply(context, sink);
        }
    }

    /// <summary>Applies a probe.</summary>
    public void ApplyProbe(in ProbeInput probe)
    {
        sink.Clear();
        sharpness.Apply(probe, Configuration, runValues);
        var context = Context(null, probe.Step, probe.TimeUnixNs);
        foreach (var detector in detectors)
        {
            detector.ApplyProbe(context, probe, sink);
        }
    }

    /// <summary>The clock decided that the run is stalled; the next step resolves it.</summary>
    public void Stalled(long lastStep, long timeUnixNs, double promisedSeconds)
    {
        sink.Clear();
        var context = Context(null, lastStep, timeUnixNs);
        foreach (var detector in detectors)
        {
            detector.Stalled(context, promisedSeconds, sink);
        }
    }

    /// <summary>Ranks that must agree do not.</summary>
    public void RankDisagreement(long step, long timeUnixNs, LayerStatistic statistic, int layer, double smallest, double largest)
    {
        sink.Clear();
        var context = Context(null, step, timeUnixNs);
        foreach (var detector in detectors)
        {
            detector.RankDisagreement(context, statistic, layer, smallest, largest, sink);
        }
    }

    /// <summary>The run ended: open alerts that speak of a live run resolve.</summary>
    public void End(long timeUnixNs)
    {
        sink.Clear();
        var context = Context(null, lastStep, timeUnixNs);
        foreach (var detector in detectors)
        {
            detector.End(context, sink);
        }
    }

    private DetectorContext Context(StepInput? step, long at, long timeUnixNs, bool follows = false) =>
        new(step, runValues, layerValues, layerNames, Configuration)
        {
            Step = at,
            TimeUnixNs = timeUnixNs,
            Attempt = attempt,
            Segment = segment,
            FollowsPreviousStep = follows,
            Transfer = step is null ? default : transfer.Reading,
            LayerPairs = step is null ? default : transfer.LayerPairs,
        };
}
