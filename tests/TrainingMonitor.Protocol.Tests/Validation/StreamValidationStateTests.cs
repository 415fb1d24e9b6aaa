using System.Buffers;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Protocol.Tests.Validation;

public sealed class StreamValidationStateTests
{
    [Fact]
    public void Reports_follow_their_table()
    {
        var state = Started(100);

        state.Accept(Frames.Steps(2, Frames.Report(0, 100), Frames.Report(1, 100))).ShouldBeNull();
        state.Accept(Frames.Table(3, 2, 50)).ShouldBeNull();
        state.Accept(Frames.Steps(4, Frames.Report(2, 50, version: 2))).ShouldBeNull();
    }

    [Fact]
    public void A_report_before_any_table_is_refused() =>
        Refused(default, Frames.Steps(1, Frames.Report(0, 3)), "steps.reports[0].layer_table_version", "the newest layer table is 0");

    [Fact]
    public void A_report_without_columns_needs_no_table()
    {
        var state = default(StreamValidationState);
        var report = Frames.Report(0, 3, version: 0);
        report.Columns.Clear();

        state.Accept(Frames.Steps(1, report)).ShouldBeNull();
    }

    [Fact]
    public void A_report_of_an_old_table_is_refused()
    {
        var state = Started(3);
        state.Accept(Frames.Table(2, 2, 4)).ShouldBeNull();

        Refused(state, Frames.Steps(3, Frames.Report(0, 3)), "steps.reports[0].layer_table_version", "1, the newest layer table is 2");
    }

    [Fact]
    public void A_table_version_must_grow() => Refused(Started(3), Frames.Table(2, 1, 3), "layer_table.version", "above 1");

    [Fact]
    public void A_column_of_the_wrong_length_is_refused() =>
        Refused(Started(100), Frames.Steps(2, Frames.Report(0, 99)), "steps.reports[0].columns[0].float32", "396 bytes, 400 wanted for 100 layers");

    [Fact]
    public void An_undeclared_column_is_refused()
    {
        var report = Frames.Report(0, 3);
        report.Columns.Add(Frames.Float32(LayerStatistic.WeightSq, 3));

        Refused(Started(3), Frames.Steps(2, report), "steps.reports[0].columns[3].statistic", "WeightSq is not declared");
    }

    [Fact]
    public void Stamps_must_grow()
    {
        var late = Frames.Report(1, 3);
        late.TimeUnixNs = Frames.Time;

        Refused(Started(3), Frames.Steps(2, Frames.Report(0, 3), late), "steps.reports[1].time_unix_ns", "above the stamp");
    }

    [Fact]
    public void A_clock_that_jumps_ahead_and_steps_that_go_back_are_taken()
    {
        var state = Started(3);
        var far = Frames.Report(900, 3);
        far.TimeUnixNs = Frames.Time + (86_400L * 365 * 1_000_000_000);
        var rewound = Frames.Report(4, 3);
        rewound.TimeUnixNs = far.TimeUnixNs + 1;

        state.Accept(Frames.Steps(2, far, rewound)).ShouldBeNull();
    }

    [Fact]
    public void Parts_come_in_order_over_frames()
    {
        var state = Started(10);

        state.Accept(Frames.Steps(2, Frames.Part(5, 0, 3, 0, 4))).ShouldBeNull();
        state.StepOpen.ShouldBeTrue();
        state.Accept(Frames.Probe(3)).ShouldBeNull();
        state.Accept(Frames.Steps(4, Frames.Part(5, 1, 3, 4, 4), Frames.Part(5, 2, 3, 8, 2))).ShouldBeNull();
        state.StepOpen.ShouldBeFalse();
        state.Accept(Frames.Steps(5, Frames.Report(6, 10))).ShouldBeNull();
    }

    [Fact]
    public void A_missing_part_is_refused()
    {
        var state = Started(10);
        state.Accept(Frames.Steps(2, Frames.Part(5, 0, 3, 0, 4))).ShouldBeNull();

        Refused(state, Frames.Steps(3, Frames.Part(5, 2, 3, 8, 2)), "steps.reports[0]", "part 1 of 3 of step 5 must come first");
        Refused(state, Frames.Steps(3, Frames.Report(6, 10)), "steps.reports[0]", "part 1 of 3");
        Refused(state, Frames.Steps(3, Frames.Part(5, 1, 3, 5, 4)), "steps.reports[0].first_layer", "4 is wanted");
        Refused(state, Frames.Table(3, 2, 4), "layer_table", "part 1 of 3");
        Refused(state, Frames.Goodbye(3), "goodbye", "part 1 of 3");
        Refused(Started(10), Frames.Steps(2, Frames.Part(5, 1, 3, 4, 4)), "steps.reports[0].part_index", "part 0 of step 5 has not come");
    }

    [Fact]
    public void Parts_must_fill_the_table_exactly()
    {
        var state = Started(10);
        state.Accept(Frames.Steps(2, Frames.Part(5, 0, 2, 0, 4))).ShouldBeNull();

        Refused(state, Frames.Steps(3, Frames.Part(5, 1, 2, 4, 5)), "steps.reports[0].columns[0].float32", "5 values from layer 4 in part 1 of 2");
    }

    [Fact]
    public void A_second_hello_is_refused() => Refused(Started(3), Frames.Hello(), "hello", "only the first frame");

    [Fact]
    public void A_refused_frame_changes_nothing()
    {
        var state = Started(3);
        var before = state;
        var bad = Frames.Report(1, 2);

        state.Accept(Frames.Steps(2, Frames.Report(0, 3), bad)).ShouldNotBeNull();

        state.ShouldBe(before);
        state.Accept(Frames.Steps(2, Frames.Report(0, 3))).ShouldBeNull();
    }

    [Fact]
    public void The_state_survives_a_snapshot()
    {
        var state = Started(10);
        state.Accept(Frames.Steps(2, Frames.Part(5, 0, 3, 0, 4))).ShouldBeNull();
        var buffer = new ArrayBufferWriter<byte>();
        state.Write(new StateWriter(buffer));

        var reader = new StateReader(buffer.WrittenSpan);
        var read = StreamValidationState.Read(ref reader);

        reader.Remaining.ShouldBe(0);
        read.ShouldBe(state);
        read.Accept(Frames.Steps(3, Frames.Part(5, 1, 3, 4, 4), Frames.Part(5, 2, 3, 8, 2))).ShouldBeNull();
    }

    private static StreamValidationState Started(int layers)
    {
        var state = default(StreamValidationState);
        state.Accept(Frames.Table(1, 1, layers)).ShouldBeNull();
        return state;
    }

    private static void Refused(StreamValidationState state, TrainerFrame frame, string path, string message)
    {
        var error = state.Accept(frame).ShouldNotBeNull();
        error.FieldPath.ShouldBe(path);
        error.Message.ShouldContain(message);
    }
}
