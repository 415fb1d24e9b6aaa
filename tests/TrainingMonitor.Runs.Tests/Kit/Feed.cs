using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.State;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>Delivers frames to a state machine the way the actor does: sequence first, then judgement, then application.</summary>
internal sealed class Feed(string runId)
{
    public RunStateMachine Machine { get; private set; } = new(runId);

    public RunOutput Output { get; } = new();

    /// <summary>Opens a stream; what the trainer is told.</summary>
    public OpenDecision Open(Hello hello)
    {
        var decision = Machine.Decide(hello);
        decision.Refusal.ShouldBeNull();
        if (decision.Log is { } opened)
        {
            Machine.Apply(new Input { Opened = opened }, Output);
        }

        return decision;
    }

    public FrameVerdict Deliver(int attempt, int rank, TrainerFrame frame)
    {
        var verdict = Machine.Classify(attempt, rank, frame.Sequence);
        if (verdict == FrameVerdict.Next)
        {
            Machine.Judge(rank, frame).ShouldBeNull();
            Machine.Apply(attempt, rank, frame, Output);
            Machine.Defect.ShouldBeNull();
        }

        return verdict;
    }

    public Feed All(Trainer trainer)
    {
        var attempt = Open(trainer.Hello()).Attempt;
        foreach (var frame in trainer.Frames)
        {
            Deliver(attempt, trainer.Rank, frame).ShouldBe(FrameVerdict.Next);
        }

        return this;
    }

    public void SaveAndLoad() => Machine = RunStateMachine.Load(Machine.RunId, Machine.Save());

    /// <summary>State and outputs as one text.</summary>
    public string Result()
    {
        var all = new List<string> { Convert.ToHexString(Machine.Save()) };
        all.AddRange(Outcome.Of(Output.Take(Machine.RunId, 1, Machine.Project, null)));
        return string.Join('\n', all);
    }
}
