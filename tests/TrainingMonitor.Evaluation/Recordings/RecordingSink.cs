using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Reporting;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Takes what a watched run reports and keeps it as the server would apply it.</summary>
internal sealed class RecordingSink : IReportSink
{
    // What no estimator or detector reads across runs, or what changes with the machine.
    private static readonly HashSet<StepValue> LeftOutValues =
        [StepValue.StepSeconds, StepValue.MonitorSeconds, StepValue.HeldOutLoss, StepValue.HeldOutAccuracy, StepValue.Samples, StepValue.Tokens];

    // What is read step by step. The other statistics of a layer move slowly and are kept every so many steps.
    private static readonly HashSet<Estimation.Input.LayerStatistic> StepByStep =
    [
        Estimation.Input.LayerStatistic.GradSq, Estimation.Input.LayerStatistic.ExampleGradSq, Estimation.Input.LayerStatistic.Own,
        Estimation.Input.LayerStatistic.Cross, Estimation.Input.LayerStatistic.SelfSecondMoment, Estimation.Input.LayerStatistic.SelfMeanSq,
        Estimation.Input.LayerStatistic.DecayOwn, Estimation.Input.LayerStatistic.DecayCross,
    ];

    private readonly TrackBuilder tracks = new();
    private readonly List<ProbeInput> probes = [];
    private readonly StepInput input = new();
    private string[] layers = [];
    private RunConfiguration configuration = new();

    /// <summary>Reports between two with the slow statistics: 1 keeps all.</summary>
    public int SlowInterval { get; set; } = 10;

    /// <summary>Statistics to keep, at every step; null: those that are read step by step, and the others every <see cref="SlowInterval"/>.</summary>
    public IReadOnlySet<Estimation.Input.LayerStatistic>? Kept { get; set; }

    public bool IsOn => true;

    public int Thinning => 1;

    public bool ShouldStop => false;

    public string Page => "";

    public event Action<Alert>? OnAlert
    {
        add { }
        remove { }
    }

    public event Action<Advice>? OnAdvice
    {
        add { }
        remove { }
    }

    public void SetLayers(LayerTable table) => layers = [.. table.Layers.Select(layer => layer.Name)];

    public void SetDescription(RunDescription description) => configuration = description.ToConfiguration();

    public void Report(StepReport report)
    {
        StepConversion.Fill(input, [report], layers.Length);
        tracks.Next(input.Step);
        tracks.Set(TrackName.BatchSize, input.BatchSize);
        tracks.Set(TrackName.UnitCount, input.UnitCount);
        tracks.Set(TrackName.Flags, (int)input.Flags);
        foreach (var value in Enum.GetValues<StepValue>().Where(v => !LeftOutValues.Contains(v)))
        {
            tracks.Set(TrackName.Of(value), input[value]);
        }

        if (input.NonFiniteValues != 0)
        {
            tracks.Set(TrackName.NonFiniteValues, input.NonFiniteValues);
        }

        if (input.HasLag)
        {
            var lag = input.Lag;
            double[] sums = [lag.Count, lag.SumCross, lag.SumZ, lag.SumCrossZ, lag.SumZSq, lag.SumCrossSq];
            for (var i = 0; i < sums.Length; i++)
            {
                tracks.Set(TrackName.Lag[i], sums[i]);
            }
        }

        ClockTracks.Write(tracks, input);
        foreach (var statistic in Enum.GetValues<Estimation.Input.LayerStatistic>().Where(IsKept))
        {
            for (var layer = 0; layer < layers.Length; layer++)
            {
                tracks.Set(TrackName.Of(statistic, layer), input.Column(statistic)[layer]);
            }
        }
    }

    public void Report(ProbeResult probe) => probes.Add(probe.ToInput());

    public void Log(long step, IReadOnlyDictionary<string, double> scalars)
    {
    }

    public void Finish(Goodbye.Types.Reason reason, string message)
    {
    }

    public void Dispose()
    {
    }

    private bool IsKept(Estimation.Input.LayerStatistic statistic)
    {
        if (!input.Has(statistic))
        {
            return false;
        }

        return statistic == Estimation.Input.LayerStatistic.NonFinite
            ? input.Column(statistic).ContainsAnyExcept(0)
            : Kept is not null ? Kept.Contains(statistic) : StepByStep.Contains(statistic) || (tracks.Count - 1) % SlowInterval == 0;
    }

    /// <summary>The recording; call it when the run has ended.</summary>
    public Recording ToRecording(RecordingPlan plan, CurveBuilder curves, Dictionary<string, double> facts) => new()
    {
        Header = new RecordingHeader
        {
            Suite = plan.Suite,
            Cell = plan.Cell,
            Seed = plan.Seed,
            HeldBack = plan.HeldBack,
            Configuration = configuration,
            Layers = layers,
            Facts = facts,
        },
        Steps = tracks.ToSteps(),
        Tracks = tracks.ToTracks(),
        Probes = [.. probes],
        Curves = curves.ToCurves(),
    };
}
