using TrainingMonitor.Logs.Parsing;
using TrainingMonitor.Logs.Tests.Support;

namespace TrainingMonitor.Logs.Tests.Parsing;

/// <summary>Each format from lines as its tool writes them.</summary>
public sealed class FormatTests
{
    [Fact]
    public void Event_files_hold_simple_values_and_tensors()
    {
        var entries = Read.All(RecordParser.TensorBoard(), [.. EventWriter.Version, .. EventWriter.Scalar("train/loss", 7, 2.5f, 1_700_000_000.25), .. EventWriter.Tensor("lr", 7, 0.125f)]);

        Read.Text(entries).ShouldBe("7:train/loss=2.5;7:lr=0.125");
        entries[0].TimeUnixNs.ShouldBe(1_700_000_000_250_000_000);
    }

    [Fact]
    public void Wandb_rows_hold_numbers_nested_or_not_and_NaN()
    {
        var file = new WandbWriter().Record([.. EventWriter.Bytes(17, "run"u8)]).Row(3, ("train/loss", "NaN"), ("eval", "{\"loss\": 1.5, \"name\": \"x\"}"), ("_timestamp", "1700000000.5")).File;

        var entry = Read.All(RecordParser.Wandb(), file).ShouldHaveSingleItem();

        entry.Step.ShouldBe(3);
        entry.TimeUnixNs.ShouldBe(1_700_000_000_500_000_000);
        Read.Text([entry]).ShouldBe("3:train/loss=NaN,eval/loss=1.5");
    }

    [Fact]
    public void A_step_of_the_training_is_better_than_wandbs_own()
    {
        var file = new WandbWriter().Row(3, ("trainer/global_step", "300"), ("loss", "1")).File;

        Read.All(RecordParser.Wandb(), file).ShouldHaveSingleItem().Step.ShouldBe(300);
    }

    [Fact]
    public void Nanotron()
    {
        var entry = Read.Lines("05/20/2024 08:22:11 [INFO|DP=0|PP=0|TP=0|node-1]: iteration: 12 / 1000 | consumed_tokens: 1.5M | time_per_iteration_ms: 812 | tokens_per_sec: 45.1K | "
            + "global_batch_size: 1.02K | grad_norm: 0.41 | lm_loss: 3.21 | lr: 0.0003 | model_tflops_per_gpu: 11.2 | eta: 0:13:22\n").ShouldHaveSingleItem();

        (entry.Step, entry.PlannedSteps).ShouldBe((12L, 1000L));
        entry.TimeUnixNs.ShouldBeGreaterThan(1_700_000_000_000_000_000);
        (entry.Value("lm_loss"), entry.Value("grad_norm"), entry.Value("lr"), entry.Value("time_per_iteration_ms"), entry.Value("consumed_tokens")).ShouldBe((3.21, 0.41, 0.0003, 812, 1.5e6));
        entry.Values.ShouldNotContain(v => v.Key == "eta");
    }

    [Fact]
    public void Megatron_and_the_loss_it_hides_where_it_was_NaN()
    {
        const string Line = " [2024-05-20 08:22:11] iteration     100/  500000 | consumed samples:       102400 | elapsed time per iteration (ms): 812.3 | learning rate: 3.000E-04 | global batch size:  1024 | "
            + "lm loss: 3.212345E+00 | loss scale: 1.0 | grad norm: 0.412 | number of skipped iterations:   0 | number of nan iterations:   0 |\n";
        var entry = Read.Lines(Line).ShouldHaveSingleItem();
        (entry.Step, entry.PlannedSteps).ShouldBe((100L, 500000L));
        (entry.Value("lm loss"), entry.Value("grad norm"), entry.Value("learning rate"), entry.Value("consumed samples")).ShouldBe((3.212345, 0.412, 3e-4, 102400));

        var hidden = Line.Replace("lm loss: 3.212345E+00 | ", "", StringComparison.Ordinal).Replace("nan iterations:   0", "nan iterations:   1", StringComparison.Ordinal);
        Read.Lines(hidden).ShouldHaveSingleItem().Value("lm loss").ShouldBe(double.NaN);
    }

    [Fact]
    public void Torchtitan_with_its_colours()
    {
        var entry = Read.Lines("[rank0]:2024-07-11 09:12:34,567 - root - INFO - \e[31mstep: 10\e[39m  \e[32mloss:  7.1234\e[39m  \e[38;2;180;60;0mgrad_norm:  1.2345\e[39m  "
            + "\e[33mmemory: 40.10GiB(50.75%)\e[39m  \e[34mtps: 6,124\e[39m  mfu: 31.2%\n").ShouldHaveSingleItem();

        entry.Step.ShouldBe(10);
        (entry.Value("loss"), entry.Value("grad_norm"), entry.Value("tps")).ShouldBe((7.1234, 1.2345, 6124));
    }

    [Theory]
    [InlineData("{\"step\": 5, \"loss\": 1.25, \"opt\": {\"lr\": 0.1}, \"note\": \"x\", \"ok\": true}", "5:loss=1.25,opt/lr=0.1")]
    [InlineData("{\"global_step\": 5, \"loss\": NaN, \"text\": \"NaN, Infinity\", \"b\": -Infinity}", "5:loss=NaN,b=-∞")]
    [InlineData("{\"loss\": 1.25}", ":loss=1.25")]
    [InlineData("Epoch 1 step 20/300: loss=1.25 lr: 1e-3", "20:loss=1.25,lr=0.001")]
    [InlineData("iter=7, train_loss = nan, speed: 3", "7:train_loss=NaN,speed=3")]
    public void Json_lines_and_pairs(string line, string read) =>
        Read.Text(Read.Lines("loading model: done\n" + line + "\n")).Replace("-Infinity", "-∞", StringComparison.Ordinal).ShouldBe(read);

    [Theory]
    [InlineData("{\"step\": 5, \"loss\": ")]
    [InlineData("{broken}")]
    [InlineData("learning_rate: 0.1")]
    [InlineData("2024-01-01 00:00:00 saving checkpoint to /a/b")]
    public void Other_lines_are_passed_over(string line) => Read.Lines(line + "\n").ShouldBeEmpty();

    [Fact]
    public void Hugging_Face_gives_each_row_once_and_the_rest_anew_after_a_rewind()
    {
        var state = new CheckpointState();
        var entries = new List<LogEntry>();
        state.Read("""{"max_steps": 90, "log_history": [{"step": 10, "loss": 2.0, "grad_norm": 1.0}, {"step": 20, "loss": NaN}]}""", entries).ShouldBeTrue();
        Read.Text(entries).ShouldBe("10:loss=2,grad_norm=1;20:loss=NaN");
        entries[0].PlannedSteps.ShouldBe(90);

        entries.Clear();
        state.Read("""{"log_history": [{"step": 10, "loss": 2.0, "grad_no""", entries).ShouldBeFalse();
        state.Read("""{"log_history": [{"step": 10, "loss": 2.0, "grad_norm": 1.0}, {"step": 20, "loss": NaN}, {"step": 30, "loss": 1.0}]}""", entries).ShouldBeTrue();
        Read.Text(entries).ShouldBe("30:loss=1");

        entries.Clear();
        state.Read("""{"log_history": [{"step": 10, "loss": 2.0, "grad_norm": 1.0}, {"step": 20, "loss": 1.5}]}""", entries).ShouldBeTrue();
        Read.Text(entries).ShouldBe("20:loss=1.5");
    }
}
