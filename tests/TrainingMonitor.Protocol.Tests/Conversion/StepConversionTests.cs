using Google.Protobuf;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using LayerStatistic = TrainingMonitor.Estimation.Input.LayerStatistic;
using WireStatistic = TrainingMonitor.Protocol.V1.LayerStatistic;

namespace TrainingMonitor.Protocol.Tests.Conversion;

public sealed class StepConversionTests
{
    [Fact]
    public void Parts_fill_their_layers_and_what_no_part_covers_is_not_a_number()
    {
        var target = new StepInput();
        var first = new StepReport { Step = 7, TimeUnixNs = 9, PartCount = 2, BatchSize = 50, UnitCount = 25, UnitSize = 2, Exact = true, Skipped = true };
        first.Columns.Add(new Column { Statistic = WireStatistic.GradSq, Float32 = Bytes(1f, 2f) });
        first.Columns.Add(new Column { Statistic = WireStatistic.Own, Float64 = Bytes(0.1, 0.2) });
        var second = new StepReport { Step = 7, PartIndex = 1, PartCount = 2, FirstLayer = 2 };
        second.Columns.Add(new Column { Statistic = WireStatistic.GradSq, Float32 = Bytes(3f) });
        StepConversion.Fill(target, [first, second], 3);
        (target.Step, target.TimeUnixNs, target.BatchSize, target.UnitCount, target.UnitSize).ShouldBe((7, 9, 50, 25, 2));
        target.Flags.ShouldBe(StepFlags.Exact | StepFlags.Skipped);
        target.Column(LayerStatistic.GradSq).ToArray().ShouldBe([1.0, 2, 3]);
        target.Column(LayerStatistic.Own).ToArray().ShouldBe([0.1, 0.2, double.NaN]);
        target.Has(LayerStatistic.Cross).ShouldBeFalse();
    }

    [Fact]
    public void A_value_sent_as_NaN_is_marked_and_an_absent_one_is_not()
    {
        var target = new StepInput();
        var report = new StepReport { Values = new StepValues { Loss = double.NaN, Accuracy = 0.5, LearningRate = double.PositiveInfinity } };
        StepConversion.Fill(target, [report], 0);
        target.NonFiniteValues.ShouldBe((1u << (int)StepValue.Loss) | (1u << (int)StepValue.LearningRate));
        target[StepValue.Accuracy].ShouldBe(0.5);
        double.IsNaN(target[StepValue.Tokens]).ShouldBeTrue();
    }

    [Fact]
    public void A_column_beyond_the_table_is_refused_and_an_unknown_statistic_is_left_out()
    {
        var report = new StepReport { FirstLayer = 1 };
        report.Columns.Add(new Column { Statistic = WireStatistic.GradSq, Float32 = Bytes(1f, 2f) });
        Should.Throw<InvalidDataException>(() => StepConversion.Fill(new StepInput(), [report], 2)).Message.ShouldContain("GradSq");
        var unknown = new StepReport();
        unknown.Columns.Add(new Column { Statistic = (WireStatistic)99, Float32 = Bytes(1f, 2f) });
        Should.NotThrow(() => StepConversion.Fill(new StepInput(), [unknown], 2));
    }

    [Fact]
    public void A_step_filled_again_keeps_nothing_of_the_one_before()
    {
        var target = new StepInput();
        var full = new StepReport { Lag = new V1.LagSums { Count = 3, SumCross = 1 }, Values = new StepValues { Loss = 1 } };
        full.Columns.Add(new Column { Statistic = WireStatistic.GradSq, Float32 = Bytes(1f, 2f) });
        StepConversion.Fill(target, [full], 2);
        target.Lag.SumCross.ShouldBe(1);
        StepConversion.Fill(target, [new StepReport { Step = 1 }], 2);
        (target.HasLag, target.Has(LayerStatistic.GradSq), double.IsNaN(target[StepValue.Loss])).ShouldBe((false, false, true));
    }

    [Fact]
    public void Canaries_and_sentinels_are_carried_and_gone_at_the_next_step()
    {
        var target = new StepInput();
        StepConversion.Fill(target, [new StepReport { Canaries = Frames.Canaries(), Sentinels = Frames.Sentinels() }], 0);
        var canaries = target.Canaries.ShouldNotBeNull();
        (canaries.Choices, canaries.Canaries, canaries.Pass, canaries.SumLoss, canaries.SumAdvantage, canaries.SumAdvantageSq).ShouldBe((10, 16, 3, 9.5, 1.5, 2.5));
        (canaries.SumPull, canaries.Others, canaries.OthersSumPull, canaries.TrainCount, canaries.TrainSumLoss).ShouldBe((3.5, 46, 12, 100, 90));
        canaries.RankCounts.ShouldBe([3, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        target.Sentinels.ShouldBe(new(new(50, 75, 130), new(10, 9, 12), 4, 5, new(40, 8, 12)));
        StepConversion.Fill(target, [new StepReport()], 0);
        (target.Canaries, target.Sentinels).ShouldBe((null, null));
    }

    private static ByteString Bytes(params float[] values) => ByteString.CopyFrom(values.SelectMany(BitConverter.GetBytes).ToArray());

    private static ByteString Bytes(params double[] values) => ByteString.CopyFrom(values.SelectMany(BitConverter.GetBytes).ToArray());
}
