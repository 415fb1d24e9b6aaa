using TrainingMonitor.Protocol.V1;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;

namespace TrainingMonitor.Runs.State;

/// <content>Steps: out of parts, then out of ranks.</content>
public sealed partial class RunStateMachine
{
    private void ApplyReport(RankState rank, StepReport report, RunOutput output)
    {
        if (report.PartIndex == 0)
        {
            DropParts(rank);
            rank.Parts.Add(report);
        }
        else if (rank.Parts.Count == report.PartIndex && rank.Parts[0].Step == report.Step)
        {
            rank.Parts.Add(report);
        }
        else
        {
            // The parts before it are lost. They are counted once, with the last part.
            counters.Add(RunCounter.IncompleteSteps, report.PartIndex + 1 == report.PartCount ? 1 : 0);
            return;
        }

        if (rank.Parts.Count < Math.Max(1, rank.Parts[0].PartCount))
        {
            return;
        }

        var step = (long)report.Step;
        updatedUnixNs = Math.Max(updatedUnixNs, rank.Parts[0].TimeUnixNs);
        var rewound = rank.Position.Step >= 0 && step <= rank.Position.Step;
        rank.Position = new StepKey(rank.Position.Segment + (rewound ? 1 : 0), step);
        if (rank.Position <= attempt!.Closed)
        {
            counters.Add(RunCounter.LateReports);
        }
        else if (attempt.WorldSize == 1)
        {
            alone.Clear();
            alone.Add(new RankReport(rank.Rank, rank.Parts));
            ApplyStep(rank.Position, alone, output);
        }
        else
        {
            rank.Absent = false;
            attempt.Open.GetOrAdd(rank.Position).Add(new RankReport(rank.Rank, [.. rank.Parts]));
        }

        rank.Parts.Clear();
        Drain(output);
    }

    private void Drain(RunOutput output)
    {
        while (attempt!.FirstIsReady())
        {
            if (attempt.Open.Count > RunAttempt.MaxOpenSteps)
            {
                attempt.GiveUpOnMissing();
            }

            ApplyFirstOpen(output);
        }
    }

    private void ApplyFirstOpen(RunOutput output)
    {
        var step = attempt!.Open.TakeFirst();
        ApplyStep(step.Key, step.Reports, output);
        foreach (var frame in step.After)
        {
            ApplyOrdered(frame, output);
        }
    }

    private void ApplyStep(StepKey key, List<RankReport> reports, RunOutput output)
    {
        attempt!.Closed = key;
        if (Status == RunStatus.Stalled)
        {
            Status = RunStatus.Running;
            output.RowDue = true;
        }

        var first = reports[0];
        applier!.Apply(key, reports, attempt.WorldSize, attempt.Rank(first.Rank)?.Table(first.Parts[0].LayerTableVersion), output);
        if (++stepsSinceRow >= StepsARow)
        {
            // Counted by steps alone: when the output was taken last is no part of the stream.
            (stepsSinceRow, output.RowDue) = (0, true);
        }
    }

    private void DropParts(RankState rank)
    {
        counters.Add(RunCounter.IncompleteSteps, rank.Parts.Count > 0 ? 1 : 0);
        rank.Parts.Clear();
    }
}
