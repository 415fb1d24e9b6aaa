using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Protocol.Tests.Validation;

public sealed class FrameValidatorTests
{
    private static readonly FrameValidator Validator = new(FrameLimits.Default);

    public static TheoryData<string, string, string> Spoilt => new()
    {
        // what is spoilt, path, part of the message
        { "no body", "frame", "no body" },
        { "hello sequence", "sequence", "a Hello has 0" },
        { "zero sequence", "sequence", "only a Hello" },
        { "huge sequence", "sequence", "2^53" },
        { "empty run id", "hello.run_id", "empty" },
        { "slash in run id", "hello.run_id", "'/'" },
        { "dots as run id", "hello.run_id", "\"..\"" },
        { "long run id", "hello.run_id", "129 bytes" },
        { "control in project", "hello.project", "U+0007 at position 1" },
        { "lone surrogate", "hello.run_name", "lone surrogate U+D83D" },
        { "no start id", "hello.client_start_id", "empty" },
        { "rank", "hello.rank", "below the world size 2" },
        { "oldest", "hello.oldest_sequence", "above newest_sequence 0" },
        { "hello time", "hello.time_unix_ns", "between the years" },
        { "negative learning rate", "hello.description.optimizer.learning_rate", "-1" },
        { "NaN beta", "hello.description.optimizer.beta2", "NaN" },
        { "absurd dataset", "hello.description.dataset_size", "2^53" },
        { "infinite promise", "hello.description.report_promise_seconds", "finite" },
        { "tag with newline", "hello.description.tags[\"seed\"]", "U+000A" },
        { "table of a hello", "hello.layer_table.version", "start with 1" },
        { "table version", "layer_table.version", "start with 1" },
        { "twin layers", "layer_table.layers[2].name", "layers[0]" },
        { "layer name", "layer_table.layers[1].name", "257 bytes" },
        { "combination", "layer_table.columns[1].combination", "one of 1" },
        { "twin declaration", "layer_table.columns[2].statistic", "twice" },
        { "absurd step", "steps.reports[1].step", "2^53" },
        { "stamp", "steps.reports[0].time_unix_ns", "0 ns" },
        { "part index", "steps.reports[0].part_index", "below part_count 1" },
        { "values in part 1", "steps.reports[0]", "part 0 only" },
        { "no table version", "steps.reports[0].layer_table_version", "has columns" },
        { "short column", "steps.reports[1].columns[2].float32", "396 bytes, 400 wanted for 100 layers" },
        { "ragged column", "steps.reports[0].columns[0].float32", "399 bytes are no whole number" },
        { "empty column", "steps.reports[0].columns[1].values", "not given" },
        { "twin column", "steps.reports[0].columns[1].statistic", "GradSq is there twice" },
        { "negative count", "steps.reports[0].columns[2].float32[7]", "negative Nonfinite" },
        { "no units", "steps.reports[0].unit_count", "ExampleGradSq" },
        { "negative tokens", "steps.reports[0].values.tokens", "-5" },
        { "NaN samples", "steps.reports[0].values.samples", "NaN" },
        { "accuracy", "steps.reports[0].values.accuracy", "between 0 and 1" },
        { "lag", "steps.reports[0].lag.sum_z", "-1" },
        { "one choice", "steps.reports[0].canaries.choices", "1, 2 to" },
        { "bins", "steps.reports[0].canaries.rank_counts", "40 bytes, 16 wanted for 4 bins" },
        { "too many canaries", "steps.reports[0].canaries.rank_counts", "4 canaries of 3" },
        { "absurd pass", "steps.reports[0].canaries.pass", "2^53" },
        { "negative square", "steps.reports[0].canaries.sum_advantage_sq", "-1" },
        { "absurd train count", "steps.reports[0].canaries.train_count", "2^53" },
        { "negative pull", "steps.reports[0].canaries.others_sum_pull", "-1" },
        { "too many pairs", "steps.reports[0].sentinels.paired_count", "51, at most fresh_count 50" },
        { "absurd reference", "steps.reports[0].sentinels.reference_step", "2^53" },
        { "negative rise square", "steps.reports[0].sentinels.sum_rise_sq", "-0.5" },
        { "canaries in part 1", "steps.reports[0]", "part 0 only" },
        { "no reports", "steps.reports", "empty" },
        { "probe kind", "probe.kind", "not given" },
        { "probe seconds", "probe.seconds", "NaN" },
        { "scalar name", "scalars.scalars[1].name", "empty" },
        { "goodbye message", "goodbye.message", "1025 bytes" },
    };

    [Theory]
    [MemberData(nameof(Spoilt))]
    public void A_bad_frame_is_refused_with_the_path_of_its_field(string what, string path, string message)
    {
        var error = Validator.Validate(SpoiltFrames.Make(what));

        error.ShouldNotBeNull();
        error.FieldPath.ShouldBe(path);
        error.Message.ShouldContain(message);
        error.Code.ShouldBe(StatusCode.InvalidArgument);
    }

    public static TheoryData<string, string> Excessive => new()
    {
        { "layers", "layer_table.layers" },
        { "layers of a hello", "hello.layer_table.layers" },
        { "shape", "layer_table.layers[0].shape" },
        { "declarations", "layer_table.columns" },
        { "reports", "steps.reports" },
        { "parts", "steps.reports[0].part_count" },
        { "columns", "steps.reports[0].columns" },
        { "first layer", "steps.reports[0].columns[0].float32" },
        { "scalars", "scalars.scalars" },
        { "tags", "hello.description.tags" },
    };

    [Theory]
    [MemberData(nameof(Excessive))]
    public void A_frame_beyond_a_limit_is_refused_as_exhausted(string what, string path)
    {
        var error = Validator.Validate(SpoiltFrames.Exceed(what));

        error.ShouldNotBeNull();
        error.FieldPath.ShouldBe(path);
        error.Code.ShouldBe(StatusCode.ResourceExhausted);
    }

    [Fact]
    public void Good_frames_pass()
    {
        TrainerFrame[] good =
        [
            Frames.Hello(), Frames.Table(1, 1, 100), Frames.Steps(2, Frames.Report(0, 100), Frames.Report(1, 100)), Frames.Probe(3), Frames.Scalars(4),
            new() { Sequence = 5, Description = Frames.Description() }, Frames.Goodbye(6),
        ];

        foreach (var frame in good)
        {
            Validator.Validate(frame).ShouldBeNull();
        }
    }

    [Fact]
    public void Another_protocol_version_is_a_failed_precondition_that_says_whom_to_update()
    {
        var hello = Frames.Hello();
        hello.Hello.ProtocolVersion = 7;

        var error = Validator.Validate(hello).ShouldNotBeNull();

        error.Code.ShouldBe(StatusCode.FailedPrecondition);
        error.Message.ShouldContain("update the server");
    }

    [Fact]
    public void Non_finite_measurements_are_taken()
    {
        var report = Frames.Report(0, 2);
        report.Columns[0].Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([float.NaN, float.PositiveInfinity]));
        report.Columns[2].Float32 = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>([float.NaN, -0f]));
        report.Values.Loss = double.NaN;
        report.Values.Accuracy = double.NaN;
        report.Lag.SumCross = double.NegativeInfinity;

        Validator.Validate(Frames.Steps(1, report)).ShouldBeNull();
    }

    [Fact]
    public void Unknown_enum_values_of_a_newer_client_are_taken()
    {
        var hello = Frames.Hello();
        hello.Hello.Description.Sampling = (SamplingScheme)99;
        hello.Hello.Description.Optimizer.Kind = (OptimizerKind)99;
        var table = Frames.Table(1, 1, 3);
        table.LayerTable.Columns.Add(new ColumnDeclaration { Statistic = (LayerStatistic)900, Combination = (RankCombination)9 });
        var report = Frames.Report(0, 3);
        report.Columns.Add(Frames.Float32((LayerStatistic)900, 3));
        var probe = Frames.Probe(3);
        probe.Probe.Kind = (ProbeKind)77;

        Validator.Validate(hello).ShouldBeNull();
        Validator.Validate(table).ShouldBeNull();
        Validator.Validate(Frames.Steps(2, report)).ShouldBeNull();
        Validator.Validate(probe).ShouldBeNull();
    }

    [Theory]
    [InlineData("Blöcke.0 → „Aufmerksamkeit“,q=1\\")]
    [InlineData("层.注意力🙂")]
    [InlineData("عصب\u200F")]
    [InlineData("a/b layer")]
    public void Layer_names_are_any_unicode(string name)
    {
        var table = Frames.Table(1, 1, 2);
        table.LayerTable.Layers[0].Name = name;

        Validator.Validate(table).ShouldBeNull();
    }

    [Fact]
    public void A_good_frame_of_steps_allocates_nothing()
    {
        var frame = Frames.Steps(2, Frames.Report(0, 100), Frames.Report(1, 100));
        var state = default(StreamValidationState);
        state.Accept(Frames.Table(1, 1, 100)).ShouldBeNull();
        Judge();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Judge();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Judge()
        {
            var copy = state;
            if (Validator.Validate(frame) is not null || copy.Accept(frame) is not null)
            {
                throw new InvalidOperationException("A good frame was refused.");
            }
        }
    }

    [Fact]
    public void The_rpc_error_names_the_field_in_a_bad_request_detail()
    {
        var exception = new FrameError(StatusCode.InvalidArgument, "hello.run_id", "empty").ToRpcException();

        exception.StatusCode.ShouldBe(StatusCode.InvalidArgument);
        exception.Status.Detail.ShouldBe("hello.run_id: empty");
        exception.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations.Single().Field.ShouldBe("hello.run_id");
    }
}
