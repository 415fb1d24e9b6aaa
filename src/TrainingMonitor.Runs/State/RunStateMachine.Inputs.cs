using TrainingMonitor.Protocol.V1;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;

namespace TrainingMonitor.Runs.State;

/// <content>How each input changes the state.</content>
public sealed partial class RunStateMachine
{
    private void ApplyOpened(Opened opened, RunOutput output)
    {
        var hello = opened.Hello ?? new Hello();
        var ordinal = (int)opened.Attempt;
        attempts.Add(hello, ordinal);
        project = hello.Project;
        name = hello.RunName.Length > 0 ? hello.RunName : RunId;
        startedUnixNs = startedUnixNs == 0 ? hello.TimeUnixNs : startedUnixNs;
        updatedUnixNs = Math.Max(updatedUnixNs, hello.TimeUnixNs);
        if (attempt is null || attempt.Ordinal < ordinal)
        {
            BeginAttempt(hello, ordinal, output);
        }

        var rank = attempt!.Rank((int)hello.Rank);
        var lost = opened.ResumeAfter - (rank?.Received ?? 0);
        if (rank is null)
        {
            rank = attempt.AddRank((int)hello.Rank, hello.ClientStartId);
            DescribeFirst(opened);
        }

        rank.StartId = hello.ClientStartId;
        rank.Received = opened.ResumeAfter;
        counters.Add(RunCounter.FramesLost, (long)lost);
        if (lost > 0)
        {
            DropParts(rank);
            rank.ForgetLost();
            if (hello.LayerTable is { } table)
            {
                rank.Adopt(table);
            }
        }

        output.RowDue = true;
    }

    private void BeginAttempt(Hello hello, int ordinal, RunOutput output)
    {
        while (attempt is { Open.Count: > 0 })
        {
            ApplyFirstOpen(output);
        }

        attempt = new RunAttempt(ordinal, Math.Max(1, (int)hello.WorldSize));
        descriptionRank = int.MaxValue;
        applier ??= new StepApplier(hello.Description ?? new RunDescription(), alerts, counters);
        applier.BeginSegment(ordinal, 0, hello.TimeUnixNs, output);
        Status = RunStatus.Running;
    }

    private void ApplyFrame(RankState rank, TrainerFrame frame, RunOutput output)
    {
        switch (frame.BodyCase)
        {
            case TrainerFrame.BodyOneofCase.LayerTable:
                rank.AddTable(frame.LayerTable);
                break;
            case TrainerFrame.BodyOneofCase.Steps:
                foreach (var report in frame.Steps.Reports)
                {
                    ApplyReport(rank, report, output);
                }

                break;
            case TrainerFrame.BodyOneofCase.Probe or TrainerFrame.BodyOneofCase.Description:
                if (attempt!.Open.Find(rank.Position) is { } before)
                {
                    before.After.Add(new RankFrame(rank.Rank, rank.Position.Segment, frame));
                }
                else
                {
                    ApplyOrdered(new RankFrame(rank.Rank, rank.Position.Segment, frame), output);
                }

                break;
            case TrainerFrame.BodyOneofCase.Scalars:
                ApplyScalars(rank, frame.Scalars, output);
                break;
            case TrainerFrame.BodyOneofCase.Goodbye:
                ApplyGoodbye(rank, frame.Goodbye, output);
                break;
            default:
                break;
        }
    }

    private void ApplyOrdered(RankFrame frame, RunOutput output)
    {
        if (frame.Frame.Probe is { } probe)
        {
            updatedUnixNs = Math.Max(updatedUnixNs, probe.TimeUnixNs);
            applier!.ApplyProbe(probe, frame.Rank, frame.Segment, output);
        }
        else
        {
            Describe(frame.Rank, frame.Frame.Description);
            output.RowDue = true;
        }
    }

    private void ApplyScalars(RankState rank, LogScalars scalars, RunOutput output)
    {
        updatedUnixNs = Math.Max(updatedUnixNs, scalars.TimeUnixNs);
        foreach (var scalar in scalars.Scalars)
        {
            output.Scalars.Add(new Storage.Series.ScalarPoint(
                attempt!.Ordinal, rank.Position.Segment, (long)scalars.Step, scalars.TimeUnixNs, scalar.Name, scalar.Value));
        }
    }

    private void ApplyGoodbye(RankState rank, Goodbye goodbye, RunOutput output)
    {
        rank.Ended = goodbye.Reason == Goodbye.Types.Reason.Unspecified ? Goodbye.Types.Reason.Finished : goodbye.Reason;
        DropParts(rank);
        counters.Add(RunCounter.StepsThinned, (long)Math.Min(goodbye.StepsThinned, long.MaxValue));
        updatedUnixNs = Math.Max(updatedUnixNs, goodbye.TimeUnixNs);
        Drain(output);
        if (!attempt!.AllEnded)
        {
            return;
        }

        Status = attempt.Ranks.Any(other => other.Ended == Goodbye.Types.Reason.Failed) ? RunStatus.Failed : RunStatus.Finished;
        applier!.End(updatedUnixNs, output);
        output.RowDue = true;
    }

    private void ApplyClock(ClockDecision decision, RunOutput output)
    {
        if (attempt?.Ordinal != (int)decision.Attempt)
        {
            return;
        }

        if (decision.Kind == ClockDecision.Types.Kind.StepClosed && OldestOpenStep == (long)decision.Step)
        {
            attempt.GiveUpOnMissing();
            Drain(output);
        }
        else if (decision.Kind == ClockDecision.Types.Kind.Stalled && Status == RunStatus.Running)
        {
            Status = RunStatus.Stalled;
            applier!.Stalled(decision.TimeUnixNs, PromiseSeconds, output);
            output.RowDue = true;
        }
    }

    // A Hello says what the trainer knew at its start: the first word of an attempt, not the last. An empty one says nothing.
    private void DescribeFirst(Opened opened)
    {
        var said = opened.Hello?.Description;
        if (said is not null && said.CalculateSize() > 0 && (opened.ResumeAfter == 0 || descriptionRank == int.MaxValue))
        {
            Describe((int)opened.Hello!.Rank, said);
        }
    }

    // The description of the lowest rank counts, whichever rank came first.
    private void Describe(int rank, RunDescription? said)
    {
        if (said is null || rank > descriptionRank)
        {
            return;
        }

        (description, descriptionRank) = (said, rank);
        applier!.Analysis.Configure(Protocol.Conversion.RunDescriptionConversion.ToConfiguration(said));
    }
}
