using TrainingMonitor.Cli.Tail;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Logs;
using TrainingMonitor.Logs.Naming;

namespace TrainingMonitor.Cli.Tests.Tail;

public sealed class StepAssemblerTests
{
    private readonly RecordingSink sink = new();
    private readonly StepAssembler steps;

    public StepAssemblerTests() => steps = new StepAssembler(new NameMap(), sink);

    [Fact]
    public void Numbers_of_one_step_that_come_one_by_one_are_one_report()
    {
        Add(1, ("loss", 2));
        Add(1, ("lr", 0.1));
        Add(1, ("grad_norm", 3));
        Add(2, ("loss", 1));
        steps.Flush();

        sink.Said.ShouldBe(["step 1 loss 2+norm", "step 2 loss 1"]);
        sink.Reports[0].Values.LearningRate.ShouldBe(0.1);
        System.Runtime.InteropServices.MemoryMarshal.Read<float>(sink.Reports[0].Columns[0].Float32.Span).ShouldBe(9);
    }

    [Fact]
    public void Going_back_with_a_number_of_training_is_a_restart()
    {
        Add(5, ("loss", 2));
        Add(6, ("loss", 2));
        Add(5, ("loss", 3));
        Add(6, ("loss", 3));
        steps.Flush();

        sink.Said.ShouldBe(["step 5 loss 2", "step 6 loss 2", "step 5 loss 3", "step 6 loss 3"]);
    }

    [Fact]
    public void Tags_that_count_otherwise_move_nothing()
    {
        Add(100, ("loss", 2));
        Add(1, ("eval/loss", 4));
        Add(51_200, ("lm loss vs samples", 2));
        Add(101, ("loss", 1));
        steps.Flush();

        sink.Said.Where(s => s.StartsWith("step", StringComparison.Ordinal)).ShouldBe(["step 100 loss 2", "step 101 loss 1"]);
        sink.Said.ShouldContain("scalars 1 eval/loss");
        sink.Said.ShouldContain("scalars 51200 lm loss vs samples");
    }

    [Fact]
    public void An_evaluation_after_its_step_was_sent_rides_with_the_next()
    {
        Add(10, ("loss", 2));
        steps.Flush();
        Add(10, ("eval_loss", 4));
        Add(11, ("loss", 1));
        steps.Flush();

        sink.Said.ShouldBe(["step 10 loss 2", "step 11 loss 1"]);
        sink.Reports[1].Values.HeldOutLoss.ShouldBe(4);
    }

    [Fact]
    public void What_the_contract_would_refuse_stays_a_number_of_its_own_name()
    {
        Add(1, ("loss", 2), ("accuracy", 55), ("epoch", -1), ("x", 1));
        steps.Flush();

        sink.Said.Single(s => s.StartsWith("scalars", StringComparison.Ordinal)).ShouldBe("scalars 1 accuracy,epoch,x");
    }

    [Fact]
    public void Entries_without_a_step_are_counted()
    {
        Add(null, ("loss", 2));
        Add(null, ("loss", 1));
        steps.Flush();

        sink.Said.ShouldBe(["step 0 loss 2", "step 1 loss 1"]);
        steps.CountsEntries.ShouldBeTrue();
    }

    [Fact]
    public void Names_are_cut_to_what_the_contract_takes()
    {
        ScalarName.Of("a\u0007b", 128).ShouldBe("ab");
        System.Text.Encoding.UTF8.GetByteCount(ScalarName.Of(new string('π', 200), 128)).ShouldBe(128);
    }

    private void Add(long? step, params (string Name, double Value)[] values)
    {
        var entry = new LogEntry { Step = step, Values = [.. values.Select(v => new KeyValuePair<string, double>(v.Name, v.Value))] };
        steps.Add(entry, steps.StepOf(entry));
    }
}
