using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Support;

/// <summary>A run that looks like one: it learns, then memorizes. Fixed noise, no clock.</summary>
internal static class SampleRun
{
    public const string Hostile = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>";

    public static void Fill(FakeNode node, string id, int steps, RunState state, string? name = null)
    {
        var detail = Samples.Run(id, state: state, loss: Loss(steps - 1));
        detail.Summary.Name = name ?? id;
        detail.Summary.Step = (ulong)steps;
        detail.Summary.PlannedSteps = 1000;
        detail.Summary.UpdatedUnixNs = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
        detail.Summary.FiringAlerts = 1;
        detail.Summary.WorstSeverity = Severity.Warning;
        detail.Description = new RunDescription
        {
            Optimizer = new OptimizerDescription { Kind = OptimizerKind.Adamw, LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.999, WeightDecay = 0.01, DecoupledDecay = true },
            BatchSize = 64,
            DatasetSize = 1437,
            Sampling = SamplingScheme.Shuffled,
            Parameters = 26_122,
            Schedule = new Schedule { PairInterval = 4, ExactInterval = 16, ProbeInterval = 100, Budget = 0.01, Adaptive = true },
            Tags = { ["labels"] = "40% noise" },
            Unavailable = { ["cross_by_lag"] = "no example ids" },
        };
        detail.Counters.Add(new Dictionary<string, ulong> { ["reports_applied"] = (ulong)steps, ["duplicates_dropped"] = 3, ["gaps"] = 0, ["frames_refused"] = 0 });
        detail.Segments.Add(new Segment { LastStep = (ulong)steps });
        foreach (var (series, value) in new[] { ("epoch", steps / 22.5), ("noise_scale", Noise(steps)), ("memorized_nats", Memorized(steps)), ("loo_ratio", 0.8), ("sharpness_ratio", 0.91) })
            detail.Estimates[series] = value;
        if (state == RunState.Running)
            node.Gateway.Live[id] = detail;
        node.Store.Runs[id] = detail;
        Points(node.Store, 0, steps);
        if (node.Store.Alerts.Count == 0)
            node.Store.Alerts.Add(Alert(id));
    }

    /// <summary>More steps of all series.</summary>
    public static void Points(FakeStore store, int from, int to)
    {
        for (var t = from; t < to; t++)
        {
            Add(store, "loss", t, Loss(t), 0.15);
            Add(store, "accuracy", t, 1 - 0.9 * Math.Exp(-t / 120.0));
            Add(store, "memorized_nats", t, Memorized(t));
            Add(store, "update_norm", t, 0.2 * Math.Exp(-t / 700.0) * (1 + 0.1 * Wobble(t)));
            Add(store, "grad_norm", t, 1.4 * Math.Exp(-t / 500.0) * (1 + 0.2 * Wobble(t + 7)));
            Add(store, "epoch", t, t / 22.5);
            Add(store, "samples", t, t * 64.0);
            if (t % 22 == 0)
            {
                Add(store, "held_out_loss", t, 0.9 + 1.4 * Math.Exp(-t / 80.0) + Math.Max(0, t - 300) * 0.0015);
                Add(store, "held_out_accuracy", t, 0.82 - 0.5 * Math.Exp(-t / 80.0));
            }

            if (t % 16 == 0)
            {
                Add(store, "noise_scale", t, Noise(t));
                Add(store, "noise_scale_low", t, Noise(t) * 0.6);
                Add(store, "noise_scale_high", t, Noise(t) * 1.8);
                Add(store, "loo_ratio", t, 3 * Math.Exp(-t / 150.0) + 0.7 + 0.05 * Wobble(t));
            }

            if (t % 50 == 0)
                Add(store, "sharpness_ratio", t, 1.05 - Math.Exp(-t / 200.0));
        }
    }

    public static Alert Alert(string run) => new()
    {
        Id = run + "/memorization_onset",
        Ordinal = 1,
        RunId = run,
        Rule = "memorization_onset",
        Severity = Severity.Warning,
        State = AlertState.Firing,
        Step = 340,
        TimeUnixNs = 1_700_000_000_000_000_000 + 340_000_000_000,
        Summary = $"Memorization has started: since step 310 the training loss fell by 0.31 nats without helping other examples {Hostile}.",
        Advice = "Stop here, add regularization, or keep the checkpoint of step 310.",
        Evidence = new Evidence { Statistic = "memorized_nats", Value = 0.31, Threshold = 0.12, FalseAlarmControl = "average run length 10000 reports" },
    };

    private static double Wobble(int t) => Math.Sin(t * 12.9898) * Math.Cos(t * 4.1414);

    private static double Loss(int t) => 0.15 + 2.1 * Math.Exp(-t / 140.0) + 0.12 * Wobble(t);

    private static double Noise(int t) => 40 * Math.Exp(t / 160.0);

    private static double Memorized(int t) => t < 310 ? 0.01 * Wobble(t) : (t - 310) * 0.004 + 0.01 * Wobble(t);

    private static void Add(FakeStore store, string name, int t, double value, double spread = 0)
    {
        if (!store.Series.TryGetValue(name, out var series))
            store.Series[name] = series = new Series { Name = name };
        lock (store.Series)
        {
            series.X.Add(t);
            series.Min.Add(value - spread);
            series.Max.Add(value + spread);
            series.Last.Add(value);
            series.Count.Add(1);
            series.NonFinite.Add(0);
        }
    }
}
