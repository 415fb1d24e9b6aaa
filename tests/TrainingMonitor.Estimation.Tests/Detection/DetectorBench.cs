using System.Buffers;
using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Tests.Detection;

/// <summary>Feeds one detector with hand-made estimates, as <see cref="RunAnalysis"/> would.</summary>
public sealed class DetectorBench(Func<Detector> create, RunConfiguration? configuration = null, params string[] layers)
{
    private readonly double[] run = new double[SeriesCatalog.RunCount];
    private readonly double[] layerValues = new double[SeriesCatalog.LayerCount * layers.Length];
    private readonly FindingSink sink = new();
    private bool lastApplied;

    public Detector Detector { get; private set; } = create();

    public RunConfiguration Configuration { get; set; } = configuration ?? new RunConfiguration();

    public StepInput Input { get; } = new();

    public List<Finding> All { get; } = [];

    public long Step { get; set; } = -1;

    public TransferReading Transfer { get; set; }

    public IEnumerable<Finding> Fired => All.Where(finding => finding.State is FindingState.Firing);

    public IEnumerable<Finding> Resolved => All.Where(finding => finding.State is FindingState.Resolved);

    /// <summary>Starts the next step; set its values, then <see cref="Apply"/>.</summary>
    public DetectorBench Next(double loss = double.NaN)
    {
        Array.Fill(run, double.NaN);
        Array.Fill(layerValues, double.NaN);
        Step++;
        Input.Reset(layers.Length);
        Input.Step = Step;
        Transfer = default;
        return With(RunSeries.Loss, loss);
    }

    public DetectorBench With(RunSeries series, double value)
    {
        run[(int)series] = value;
        if (series is RunSeries.Loss)
        {
            Input[StepValue.Loss] = value;
        }

        return this;
    }

    public void Apply() => Call((in context) => Detector.Apply(context, sink), true);

    public void Probe(ProbeKind kind, double value, double ratio)
    {
        run[(int)RunSeries.Sharpness] = value;
        run[(int)RunSeries.SharpnessRatio] = ratio;
        Call((in context) => Detector.ApplyProbe(context, new ProbeInput(kind, Step, Step, value, double.NaN, true), sink), false);
    }

    public void Stall(double seconds) => Call((in context) => Detector.Stalled(context, seconds, sink), false);

    public void Disagree(LayerStatistic statistic, int layer, double low, double high) =>
        Call((in context) => Detector.RankDisagreement(context, statistic, layer, low, high, sink), false);

    public void Segment(long step)
    {
        Step = step - 1;
        Call((in context) => Detector.BeginSegment(context, sink), false);
        lastApplied = false;
    }

    public void End() => Call((in context) => Detector.End(context, sink), false);

    public byte[] State()
    {
        var buffer = new ArrayBufferWriter<byte>();
        Detector.Save(new StateWriter(buffer));
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Replaces the detector by one made from its saved state.</summary>
    public void Reload()
    {
        var saved = State();
        Detector = create();
        var reader = new StateReader(saved);
        Detector.Load(ref reader);
        reader.Remaining.ShouldBe(0);
        State().ShouldBe(saved);
    }

    private delegate void Act(in DetectorContext context);

    private void Call(Act act, bool withInput)
    {
        sink.Clear();
        var context = new DetectorContext(withInput ? Input : null, run, layerValues, layers, Configuration)
        {
            Step = Step,
            TimeUnixNs = Step * 1000,
            FollowsPreviousStep = withInput && lastApplied,
            Transfer = Transfer,
        };
        act(context);
        lastApplied |= withInput;
        All.AddRange(sink.Findings);
    }
}
