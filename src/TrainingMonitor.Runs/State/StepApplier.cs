using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.State;

/// <summary>Applies whole steps in order: ranks → estimators → points, layer windows and alerts.</summary>
internal sealed class StepApplier
{
    private readonly RankCombiner combiner = new();
    private readonly RunCounters counters;

    public StepApplier(RunDescription description, AlertBook alerts, RunCounters counters)
        : this(new RunAnalysis(description.ToConfiguration()), new LayerWindow(), alerts, counters)
    {
    }

    public StepApplier(RunAnalysis analysis, LayerWindow window, AlertBook alerts, RunCounters counters)
    {
        (Analysis, Window, Alerts, this.counters) = (analysis, window, alerts, counters);
        Array.Fill(Latest, double.NaN);
    }

    public RunAnalysis Analysis { get; }

    public AlertBook Alerts { get; }

    public LayerWindow Window { get; }

    /// <summary>The table of the newest step.</summary>
    public LayerTable? Table { get; set; }

    /// <summary>Run-level values of the segment that were finite last, by <see cref="RunSeries"/>.</summary>
    public double[] Latest { get; } = new double[SeriesCatalog.RunCount];

    /// <summary>Every attempt and segment with a step, oldest first.</summary>
    public List<Segment> Segments { get; } = [];

    public int Attempt { get; set; }

    public int Segment { get; set; }

    /// <summary>Newest step applied; −1 before the first.</summary>
    public long LastStep { get; set; } = -1;

    /// <summary>The segment has been begun in the estimators, and no step of it applied yet.</summary>
    public bool SegmentIsFresh { get; set; } = true;

    public void BeginSegment(int attempt, int segment, long timeUnixNs, RunOutput output)
    {
        Window.Close(Attempt, Segment, output.Blocks);
        Window.BeginSegment();
        (Attempt, Segment, SegmentIsFresh) = (attempt, segment, true);
        Array.Fill(Latest, double.NaN);
        Analysis.BeginSegment(attempt, segment, timeUnixNs);
        Collect(output);
        output.RowDue = true;
    }

    /// <summary>Applies a step of which <paramref name="reports"/> have come, ascending by rank; at least one.</summary>
    public void Apply(StepKey key, IReadOnlyList<RankReport> reports, int worldSize, LayerTable? table, RunOutput output)
    {
        combiner.Combine(reports, worldSize, table);
        var step = combiner.Step;
        if (key.Segment != Segment)
        {
            BeginSegment(Attempt, key.Segment, step.TimeUnixNs, output);
        }

        Note(key, step, table is null);
        if (table is not null && !ReferenceEquals(table, Table))
        {
            SetTable(table, output);
        }

        foreach (var disagreement in combiner.Disagreements)
        {
            Analysis.RankDisagreement(
                step.Step, step.TimeUnixNs, disagreement.Statistic, disagreement.Layer, disagreement.Smallest, disagreement.Largest);
            Collect(output);
        }

        Analysis.Apply(step);
        Collect(output);
        output.Points.Add(Point(step));
        if (table is not null)
        {
            Window.Add(Analysis, step, Attempt, Segment, output.Blocks);
        }
    }

    public void ApplyProbe(ProbeResult probe, int rank, int segment, RunOutput output)
    {
        var input = probe.ToInput();
        output.Probes.Add(new ProbePoint(Attempt, segment, rank, input, (int)probe.Evaluations, probe.Seconds));
        Analysis.ApplyProbe(input);
        Collect(output);
    }

    public void Stalled(long timeUnixNs, double promisedSeconds, RunOutput output)
    {
        Analysis.Stalled(LastStep, timeUnixNs, promisedSeconds);
        Collect(output);
    }

    public void End(long timeUnixNs, RunOutput output)
    {
        Window.Close(Attempt, Segment, output.Blocks);
        Analysis.End(timeUnixNs);
        Collect(output);
    }

    private void Note(StepKey key, StepInput step, bool withoutTable)
    {
        LastStep = key.Step;
        counters.Add(RunCounter.StepsApplied);
        counters.Add(RunCounter.StepsPartial, step.Flags.HasFlag(StepFlags.Partial) ? 1 : 0);
        counters.Add(RunCounter.ReportsWithoutTable, withoutTable ? 1 : 0);
        counters.Add(RunCounter.NonFiniteValues, System.Numerics.BitOperations.PopCount(step.NonFiniteValues));
        counters.Add(RunCounter.RankDisagreements, combiner.Disagreements.Count > 0 ? 1 : 0);
        if (SegmentIsFresh)
        {
            SegmentIsFresh = false;
            Segments.Add(new Segment
            {
                Attempt = (uint)Attempt,
                Segment_ = (uint)Segment,
                FirstStep = (ulong)key.Step,
                StartedUnixNs = step.TimeUnixNs,
            });
        }

        Segments[^1].LastStep = (ulong)key.Step;
    }

    private void SetTable(LayerTable table, RunOutput output)
    {
        var names = table.Layers.Select(layer => layer.Name).ToArray();
        var changed = Table is null || Table.Version != table.Version || !Analysis.LayerNames.SequenceEqual(names);
        Table = table;
        if (!changed)
        {
            return;
        }

        Window.Close(Attempt, Segment, output.Blocks);
        Analysis.SetLayers(names);
        Window.SetLayers(names, (int)table.Version);
        output.RowDue = true;
    }

    private RunPoint Point(StepInput step)
    {
        var values = Analysis.RunValues.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            if (double.IsFinite(values[i]))
            {
                Latest[i] = values[i];
            }
            else
            {
                values[i] = double.NaN;
            }
        }

        var nonFinite = 0UL;
        for (var bits = step.NonFiniteValues; bits != 0; bits &= bits - 1)
        {
            nonFinite |= 1UL << (int)Series((StepValue)System.Numerics.BitOperations.TrailingZeroCount(bits));
        }

        return new RunPoint(Attempt, Segment, step.Step, step.TimeUnixNs, values, nonFinite);
    }

    private void Collect(RunOutput output)
    {
        foreach (var finding in Analysis.Findings)
        {
            var layer = finding.Layer >= 0 && finding.Layer < Analysis.LayerNames.Count ? Analysis.LayerNames[finding.Layer] : "";
            output.Alerts.Add(Alerts.Add(finding, layer, Attempt, Segment));
            output.RowDue = true;
        }
    }

    private static RunSeries Series(StepValue value) => value switch
    {
        StepValue.Loss => RunSeries.Loss,
        StepValue.LearningRate => RunSeries.LearningRate,
        StepValue.Accuracy => RunSeries.Accuracy,
        StepValue.HeldOutLoss => RunSeries.HeldOutLoss,
        StepValue.HeldOutAccuracy => RunSeries.HeldOutAccuracy,
        StepValue.Tokens => RunSeries.Tokens,
        StepValue.StepSeconds => RunSeries.StepSeconds,
        StepValue.MonitorSeconds => RunSeries.MonitorSeconds,
        StepValue.ZeroGradExamples => RunSeries.ZeroGradExamples,
        StepValue.ClipCoefficient => RunSeries.ClipCoefficient,
        StepValue.Epoch => RunSeries.Epoch,
        StepValue.Samples => RunSeries.Samples,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };
}
