using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using LayerStatistic = TrainingMonitor.Estimation.Input.LayerStatistic;

namespace TrainingMonitor.Runs.State;

/// <summary>Makes one step of the run out of the reports of its ranks, in rank order, column by column as the layer table declares. Buffers are reused.</summary>
internal sealed class RankCombiner
{
    private readonly StepInput scratch = new();
    private readonly double[] weights = new double[StepInput.StatisticCount];
    private readonly int[] reported = new int[StepInput.StatisticCount];
    private readonly RankCombination[] combinations = new RankCombination[StepInput.StatisticCount];
    private readonly RankDisagreements disagreements = new();
    private LayerTable? declared;

    /// <summary>The combined step.</summary>
    public StepInput Step { get; } = new();

    /// <summary>Disagreements of the step combined last, at most one a statistic.</summary>
    public IReadOnlyList<RankDisagreement> Disagreements => disagreements.Found;

    /// <summary>Combines.</summary>
    /// <param name="reports">Whole reports, ascending by rank.</param>
    /// <param name="worldSize">Ranks the step should have.</param>
    /// <param name="table">Layer table; null: unknown, columns are left out.</param>
    public void Combine(IReadOnlyList<RankReport> reports, int worldSize, LayerTable? table)
    {
        disagreements.Clear();
        var layers = table?.Layers.Count ?? 0;
        StepConversion.Fill(Step, reports[0].Parts, layers);
        if (worldSize == 1)
        {
            return;
        }

        Declare(table);
        Array.Clear(reported);
        var weight = Weight(Step);
        Begin(weight);
        var values = new StepValueCombiner(Step, weight);
        disagreements.Begin(Step, combinations);
        for (var i = 1; i < reports.Count; i++)
        {
            StepConversion.Fill(scratch, reports[i].Parts, layers);
            values.Add(scratch, Weight(scratch));
            disagreements.Add(scratch, combinations);
            AddColumns(Weight(scratch));
            AddTotals();
        }

        values.Finish();
        FinishColumns(worldSize);
        disagreements.Finish();
        if (reports.Count < worldSize)
        {
            Step.Flags |= StepFlags.Partial;
        }
    }

    // A rank that does not say how many examples it had counts as one.
    private static double Weight(StepInput step) => Math.Max(1, step.BatchSize);

    private void Declare(LayerTable? table)
    {
        if (ReferenceEquals(table, declared))
        {
            return;
        }

        declared = table;
        Array.Clear(combinations);
        foreach (var column in table?.Columns ?? [])
        {
            if ((int)column.Statistic < combinations.Length)
            {
                combinations[(int)column.Statistic] = column.Combination;
            }
        }
    }

    private void Begin(double weight)
    {
        for (var s = 1; s < StepInput.StatisticCount; s++)
        {
            var statistic = (LayerStatistic)s;
            if (!Step.Has(statistic))
            {
                continue;
            }

            reported[s] = 1;
            weights[s] = weight;
            if (combinations[s] == RankCombination.RankLocal)
            {
                var column = Step.AddColumn(statistic);
                TensorPrimitives.Multiply(column, weight, column);
            }
        }
    }

    private void AddColumns(double weight)
    {
        for (var s = 1; s < StepInput.StatisticCount; s++)
        {
            var statistic = (LayerStatistic)s;
            if (!scratch.Has(statistic))
            {
                continue;
            }

            var local = combinations[s] == RankCombination.RankLocal;
            var from = scratch.AddColumn(statistic);
            if (local)
            {
                TensorPrimitives.Multiply(from, weight, from);
            }

            var first = !Step.Has(statistic);
            var to = Step.AddColumn(statistic);
            if (first)
            {
                from.CopyTo(to);
                (reported[s], weights[s]) = (1, weight);
            }
            else
            {
                reported[s]++;
                if (local || combinations[s] == RankCombination.Sharded)
                {
                    weights[s] += weight;
                    TensorPrimitives.Add(to, from, to);
                }
            }
        }
    }

    private void AddTotals()
    {
        Step.BatchSize += scratch.BatchSize;
        Step.UnitCount += scratch.UnitCount;
        Step.Flags |= scratch.Flags & (StepFlags.EpochSeam | StepFlags.Skipped | StepFlags.PairInvalid);
        if (!scratch.Flags.HasFlag(StepFlags.Exact))
        {
            Step.Flags &= ~StepFlags.Exact;
        }

        if (scratch.HasLag)
        {
            var (a, b) = (Step.HasLag ? Step.Lag : default, scratch.Lag);
            Step.HasLag = true;
            Step.Lag = new Estimation.Input.LagSums(
                a.Count + b.Count, a.SumCross + b.SumCross, a.SumZ + b.SumZ, a.SumCrossZ + b.SumCrossZ, a.SumZSq + b.SumZSq, a.SumCrossSq + b.SumCrossSq);
        }

        Step.Canaries = scratch.Canaries is { } canaries ? Step.Canaries?.Plus(canaries) ?? canaries : Step.Canaries;
        Step.Sentinels = scratch.Sentinels is { } sentinels ? Step.Sentinels?.Plus(sentinels) ?? sentinels : Step.Sentinels;
    }

    private void FinishColumns(int worldSize)
    {
        for (var s = 1; s < StepInput.StatisticCount; s++)
        {
            var statistic = (LayerStatistic)s;
            if (!Step.Has(statistic))
            {
                continue;
            }

            if (combinations[s] == RankCombination.RankLocal)
            {
                var column = Step.AddColumn(statistic);
                TensorPrimitives.Divide(column, weights[s], column);
            }
            else if (combinations[s] == RankCombination.Sharded && reported[s] < worldSize)
            {
                // A sum without one of its shards is no estimate of anything.
                Step.RemoveColumn(statistic);
            }
        }
    }
}
