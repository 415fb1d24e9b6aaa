using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation;

/// <summary>All estimators and detectors of one run: a pure function of the inputs applied in order. Not thread-safe.</summary>
public sealed class RunAnalysis
{
    private readonly List<Finding> findings = [];
    private readonly double[] runValues = new double[SeriesCatalog.RunCount];
    private double[] layerValues = [];
    private string[] layerNames = [];

    /// <summary>Starts the analysis of a run.</summary>
    public RunAnalysis(RunConfiguration configuration)
    {
        Configuration = configuration;
        Array.Fill(runValues, double.NaN);
    }

    /// <summary>What is known of the run.</summary>
    public RunConfiguration Configuration { get; private set; }

    /// <summary>Names of the layers, in table order.</summary>
    public IReadOnlyList<string> LayerNames => layerNames;

    /// <summary>Transitions made by the last call of Apply*, Begin* or <see cref="Stalled"/>; cleared by the next.</summary>
    public IReadOnlyList<Finding> Findings => findings;

    /// <summary>Latest run-level values by <see cref="RunSeries"/>; NaN where absent at the last step.</summary>
    public ReadOnlySpan<double> RunValues => runValues;

    /// <summary>Latest values of a layer series, one a layer; NaN where absent at the last step.</summary>
    public ReadOnlySpan<double> LayerValues(LayerSeries series) => layerValues.AsSpan((int)series * layerNames.Length, layerNames.Length);

    /// <summary>New hyper-parameters, mid-run.</summary>
    public void Configure(RunConfiguration configuration) => Configuration = configuration;

    /// <summary>A new layer table: layers that keep their name keep their estimates.</summary>
    public void SetLayers(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        layerNames = [.. names];
        layerValues = new double[names.Count * SeriesCatalog.LayerCount];
        Array.Fill(layerValues, double.NaN);
    }

    /// <summary>A new attempt, or a rewind inside one: windows restart, detectors are muted at the seam, alerts of the old segment resolve.</summary>
    public void BeginSegment(int attempt, int segment, long timeUnixNs)
    {
        findings.Clear();
        _ = attempt;
        _ = segment;
        _ = timeUnixNs;
    }

    /// <summary>Applies a step.</summary>
    public void Apply(StepInput step)
    {
        ArgumentNullException.ThrowIfNull(step);
        findings.Clear();
        runValues[(int)RunSeries.Loss] = step[StepValue.Loss];
    }

    /// <summary>Applies a probe.</summary>
    public void ApplyProbe(in ProbeInput probe)
    {
        findings.Clear();
        _ = probe;
    }

    /// <summary>The clock decided that the run is stalled; the next step resolves it.</summary>
    public void Stalled(long lastStep, long timeUnixNs, double promisedSeconds)
    {
        findings.Clear();
        _ = (lastStep, timeUnixNs, promisedSeconds);
    }

    /// <summary>Ranks that must agree do not.</summary>
    public void RankDisagreement(long step, long timeUnixNs, LayerStatistic statistic, int layer, double smallest, double largest)
    {
        findings.Clear();
        _ = (step, timeUnixNs, statistic, layer, smallest, largest);
    }

    /// <summary>The run ended: open alerts that speak of a live run resolve.</summary>
    public void End(long timeUnixNs)
    {
        findings.Clear();
        _ = timeUnixNs;
    }

    /// <summary>Writes the whole state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(1);
        writer.Write(runValues);
    }

    /// <summary>Reads the whole state back; the result goes on bit for bit as the saved one would.</summary>
    /// <exception cref="InvalidDataException">Damaged, or of an unknown version.</exception>
    public static RunAnalysis Load(ref StateReader reader, RunConfiguration configuration)
    {
        _ = reader.ReadInt32();
        return new RunAnalysis(configuration);
    }
}
