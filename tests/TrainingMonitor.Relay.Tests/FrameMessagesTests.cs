using System.Text.Json;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Relay.Frames;

namespace TrainingMonitor.Relay.Tests;

public sealed class FrameMessagesTests
{
    [Fact]
    public void A_step_comes_out_with_its_columns_and_what_is_not_finite()
    {
        var report = FrameMessages.ReadStep(Frame(
            """
            {"type":"step","report":{"step":"9007199254740993","loss":"NaN","later_field":1},
             "columns":[{"statistic":"LAYER_STATISTIC_GRAD_SQ","float32":2},{"statistic":"LAYER_STATISTIC_OWN","float64":2}]}
            """,
            [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3d), .. BitConverter.GetBytes(4d)]));

        report.Step.ShouldBe(9007199254740993UL);
        report.Columns.Select(column => column.Statistic).ShouldBe([LayerStatistic.GradSq, LayerStatistic.Own]);
        BitConverter.ToSingle(report.Columns[0].Float32.Span[4..]).ShouldBe(2f);
        BitConverter.ToDouble(report.Columns[1].Float64.Span[8..]).ShouldBe(4d);
    }

    [Fact]
    public void A_statistic_of_a_newer_client_is_passed_over()
    {
        var report = FrameMessages.ReadStep(Frame(
            """{"type":"step","report":{"step":1},"columns":[{"statistic":"LAYER_STATISTIC_OF_2030","float32":1},{"statistic":"LAYER_STATISTIC_GRAD_SQ","float32":1}]}""",
            [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)]));

        BitConverter.ToSingle(report.Columns.ShouldHaveSingleItem().Float32.Span).ShouldBe(2f);
    }

    [Theory]
    [InlineData("""{"type":"step","report":{"step":1},"columns":[{"statistic":"LAYER_STATISTIC_OWN","float64":2}]}""", "says 16 bytes, the body has 8 left")]
    [InlineData("""{"type":"step","report":{"step":1},"columns":[{"statistic":"LAYER_STATISTIC_OWN","float32":1}]}""", "say 4 bytes, its body has 8")]
    [InlineData("""{"type":"step","report":{"step":1},"columns":[{"statistic":"LAYER_STATISTIC_OWN"}]}""", "without the number of its values")]
    [InlineData("""{"type":"step","report":{"step":1},"columns":[{"statistic":"LAYER_STATISTIC_OWN","float64":-1}]}""", "without the number of its values")]
    [InlineData("""{"type":"step","report":{"step":1},"columns":[5]}""", "without a statistic")]
    [InlineData("""{"type":"step","report":{"step":1},"columns":5}""", "is no list")]
    [InlineData("""{"type":"step","report":{"step":"x"}}""", "is no StepReport")]
    [InlineData("""{"type":"step"}""", "without its object 'report'")]
    public void A_step_that_does_not_fit_is_refused_with_the_reason(string header, string reason) =>
        Should.Throw<FrameException>(() => FrameMessages.ReadStep(Frame(header, new byte[8]))).Message.ShouldContain(reason);

    private static RelayFrame Frame(string header, byte[] body)
    {
        using var document = JsonDocument.Parse(header);
        return new("step", document.RootElement.Clone(), body);
    }
}
