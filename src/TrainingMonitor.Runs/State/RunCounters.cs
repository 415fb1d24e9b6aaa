using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Runs.State;

/// <summary>Counters of a run by <see cref="RunCounter"/>.</summary>
internal sealed class RunCounters
{
    private static readonly RunCounter[] All = Enum.GetValues<RunCounter>();
    private readonly long[] values = new long[All.Length];

    public long this[RunCounter counter] => values[(int)counter];

    public void Add(RunCounter counter, long count = 1) => values[(int)counter] += count;

    public void CopyTo(IDictionary<string, ulong> target)
    {
        foreach (var counter in All)
        {
            target[Name(counter)] = (ulong)this[counter];
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Write(values.Length);
        foreach (var value in values)
        {
            writer.Write(value);
        }
    }

    public void Load(ref StateReader reader)
    {
        var count = reader.ReadInt32();
        if (count != values.Length)
        {
            throw new InvalidDataException($"State has {count} counters where {values.Length} belong.");
        }

        for (var i = 0; i < count; i++)
        {
            values[i] = reader.ReadInt64();
        }
    }

    private static string Name(RunCounter counter) => counter switch
    {
        RunCounter.FramesApplied => "frames_applied",
        RunCounter.StepsApplied => "steps_applied",
        RunCounter.StepsPartial => "steps_partial",
        RunCounter.LateReports => "late_reports",
        RunCounter.IncompleteSteps => "incomplete_steps",
        RunCounter.ReportsWithoutTable => "reports_without_table",
        RunCounter.FramesLost => "frames_lost",
        RunCounter.NonFiniteValues => "non_finite_values",
        RunCounter.RankDisagreements => "rank_disagreements",
        RunCounter.StepsThinned => "steps_thinned",
        RunCounter.InputsFailed => "inputs_failed",
        _ => throw new ArgumentOutOfRangeException(nameof(counter), counter, null),
    };
}
