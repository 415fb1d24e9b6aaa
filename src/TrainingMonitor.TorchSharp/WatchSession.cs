using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Clocks;
using TrainingMonitor.TorchSharp.Exact;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using TrainingMonitor.TorchSharp.Probes;
using TrainingMonitor.TorchSharp.Reporting;
using TrainingMonitor.TorchSharp.Scheduling;
using TrainingMonitor.TorchSharp.Statistics;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.TorchSharp;

/// <summary>One watched run; everything here may throw, and <see cref="TrainingWatch"/> catches it.</summary>
internal sealed class WatchSession : IDisposable
{
    private readonly Optimizer optimizer;
    private readonly IReportSink sink;
    private readonly TimeProvider time;
    private readonly LayerMap map;
    private readonly CheapSet cheap;
    private readonly ExactSet exact;
    private readonly StepColumns columns;
    private readonly StepSchedule schedule;
    private readonly LagTracker lags;
    private readonly RunDescriber describer;
    private readonly ValueWriter values;
    private readonly ProbeRunner? probes;
    private ClockSet? clocks;
    private StepPlan plan;
    private long step, started, described;
    private double clip = 1, lastCost;
    private bool clipped, idsGiven;
    private Exception? hookError;
    private volatile Advice? advice;

    /// <summary>Watches from the next step on. <paramref name="before"/>: the session that this one takes the place of, since the optimizer holds more now; its steps, examples and clocks go on, and it is disposed.</summary>
    public WatchSession(nn.Module model, Optimizer optimizer, WatchOptions options, IReportSink sink, TimeProvider time, Action<string> say, WatchSession? before = null)
    {
        (this.optimizer, this.sink, this.time) = (optimizer, sink, time);
        map = LayerMap.Create(model, optimizer, (before?.map.Version ?? 0) + 1);
        if (map.Layers.Count == 0)
        {
            throw new InvalidOperationException("The optimizer holds no trainable parameter.");
        }

        lags = new LagTracker(Momentum);
        cheap = new CheapSet(map);
        columns = new StepColumns(map);
        exact = new ExactSet(map, e => hookError = e);
        schedule = new StepSchedule(options, exact.Any);
        describer = new RunDescriber(options, optimizer, map);
        values = new ValueWriter(options, map, optimizer);
        probes = options.Probes is null ? null : new ProbeRunner(model, map, options.Probes, options.DatasetSize, sink, time, say);
        sink.SetLayers(map.ToTable(StepColumns.Declarations()));
        sink.OnAdvice += Advise;
        if (before is null)
        {
            clocks = options.Canaries is null && options.Sentinels is null ? null : new ClockSet(model, map, options, time, say);
        }
        else
        {
            Follow(before);
        }

        Describe();
        if (before is null)
        {
            clocks?.Evaluate(0);
        }

        PlanNext();
    }

    /// <summary>The schedule in force.</summary>
    public Schedule Schedule => schedule.ToMessage();

    /// <summary>Whether the coming step is looked at and the optimizer holds a trainable parameter that it did not.</summary>
    public bool IsOutgrown => plan.Cheap && map.Misses(optimizer);

    /// <summary>Takes what is due at this step and sends it. The optimizer has not stepped yet.</summary>
    public void BeforeUpdate(Tensor loss, BatchInfo batch)
    {
        if (hookError is not null)
        {
            throw new InvalidOperationException("A forward hook failed.", hookError);
        }

        var begin = time.GetTimestamp();
        var ids = batch.ExampleIds.Span;
        idsGiven = !ids.IsEmpty;
        var z = plan.Lag && idsGiven ? lags.Lags(ids, step) : null;
        lags.Remember(ids, step);
        var context = values.Next(step, batch, clipped ? clip : null);
        var whole = started == 0 ? 0 : time.GetElapsedTime(started, begin).TotalSeconds - lastCost;
        double exactSeconds = 0, lagSeconds = 0;
        var canaries = clocks?.Read(batch, loss);
        if (plan.Cheap || context.HasHeldOut || canaries is not null || clocks?.Evaluated is not null)
        {
            var report = context.ToReport(step, loss, map.Version);
            (report.Canaries, report.Sentinels) = (canaries, clocks?.Evaluated);
            (exactSeconds, lagSeconds) = plan.Cheap ? Take(report, context, z) : default;
            if (started != 0)
            {
                report.Values.MonitorSeconds = time.GetElapsedTime(begin).TotalSeconds;
                report.Values.StepSeconds = whole + report.Values.MonitorSeconds;
            }

            sink.Report(report);
        }

        if (plan.Capture)
        {
            exact.Clear();
            exact.Arm(false);
        }

        var own = time.GetElapsedTime(begin).TotalSeconds - exactSeconds - lagSeconds;
        var costs = plan.Cheap ? new StepCosts(0, own, exactSeconds, lagSeconds) : new StepCosts(own, 0, 0, 0);
        if (started != 0 && schedule.Record(plan, whole, costs))
        {
            Describe();
        }

        probes?.Run(step, batch, plan.Probe);
        (started, lastCost) = (begin, time.GetElapsedTime(begin).TotalSeconds);
    }

    /// <summary>Prepares the next step.</summary>
    public void AfterUpdate()
    {
        step++;
        (clip, clipped) = (1, false);
        lastCost += clocks?.Evaluate(step) ?? 0; // before the layer hooks wake
        PlanNext();
    }

    /// <summary>The gradient was scaled.</summary>
    public void Clipped(double coefficient)
    {
        clip *= coefficient;
        clipped = true;
    }

    /// <summary>The optimizer did not step.</summary>
    public void Skipped()
    {
        sink.Report(new StepReport { Step = (ulong)step, LayerTableVersion = map.Version, Skipped = true, Values = new StepValues() });
        exact.Clear();
        schedule.BreakPair();
        started = 0;
        AfterUpdate();
    }

    public void Dispose()
    {
        sink.OnAdvice -= Advise;
        probes?.Dispose();
        clocks?.Dispose();
        exact.Dispose();
        map.Dispose();
    }

    private void Follow(WatchSession before)
    {
        (step, clip, clipped, idsGiven) = (before.step, before.clip, before.clipped, before.idsGiven);
        (clocks, before.clocks) = (before.clocks, null);
        lags.Follow(before.lags);
        values.Follow(before.values);
        before.Dispose();
    }

    private (double Exact, double Lag) Take(StepReport report, StepContext context, double[]? z)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        columns.Clear();
        cheap.Prepare(plan.Second, plan.First);
        report.PairInvalid = plan.Second && !cheap.HasCross;
        var begin = time.GetTimestamp();
        if (plan.Lag && cheap.HasCross && z is not null && exact.Cross(z.Length, cheap.Steps, clip) is { } cross)
        {
            // Before the pass below: it overwrites saved updates.
            report.Lag = LagReport.From(cross, z);
        }

        var lagSeconds = time.GetElapsedTime(begin).TotalSeconds;
        cheap.Take(columns);
        begin = time.GetTimestamp();
        if (plan.Exact)
        {
            TakeExact(report, context);
        }

        var exactSeconds = time.GetElapsedTime(begin).TotalSeconds;
        columns.Write(report);
        if (described < 0)
        {
            Describe();
        }

        return (exactSeconds, lagSeconds);
    }

    private void TakeExact(StepReport report, StepContext context)
    {
        var batch = context.BatchSize > 0 ? context.BatchSize : exact.CapturedBatch();
        if (batch < 2)
        {
            return;
        }

        var missing = exact.Missing().Count();
        report.Exact = true;
        (report.UnitCount, report.UnitSize, report.BatchSize) = ((uint)batch, 1, (uint)batch);
        if (exact.Fill(columns, batch, cheap.Steps, clip, cheap.HasUpdate) is { } zero)
        {
            report.Values.ZeroGradExamples = zero;
        }

        if (exact.Missing().Count() != missing)
        {
            described = -1;
        }
    }

    private double Momentum()
    {
        var rule = OptimizerReader.Read(map.Parameters[0]);
        return rule.Kind is RuleKind.Sgd or RuleKind.RmsProp or RuleKind.Unknown ? 0 : rule.Beta1;
    }

    private void PlanNext()
    {
        if (advice is { } asked)
        {
            advice = null;
            schedule.ProbeSoon |= asked.ProbeNow.Count > 0;
        }

        schedule.Thinning = sink.Thinning;
        plan = schedule.Plan(step, idsGiven || step == 1);
        if (plan.Capture)
        {
            exact.Arm(true);
        }
    }

    private void Describe()
    {
        described = step;
        sink.SetDescription(describer.Describe(schedule.ToMessage(), exact.Missing(), idsGiven || step == 0, schedule.PromiseSeconds));
    }

    private void Advise(Advice given) => advice = given;
}
