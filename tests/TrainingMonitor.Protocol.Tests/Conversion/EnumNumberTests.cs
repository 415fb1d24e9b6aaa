using TrainingMonitor.Estimation.Detection;
using Proto = TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Tests.Conversion;

public sealed class EnumNumberTests
{
    [Fact]
    public void Statistics_have_the_numbers_of_the_wire() =>
        Numbers<Estimation.Input.LayerStatistic>().ShouldBe(Numbers<Proto.LayerStatistic>().Where(pair => pair.Value != 0).ToDictionary());

    [Fact]
    public void Probes_have_the_numbers_of_the_wire() =>
        Numbers<Estimation.Input.ProbeKind>().ShouldBe(Numbers<Proto.ProbeKind>().Where(pair => pair.Value != 0).ToDictionary());

    [Fact]
    public void Sampling_schemes_have_the_numbers_of_the_wire() =>
        Values<Estimation.Input.SamplingScheme>().ShouldBe(Values<Proto.SamplingScheme>());

    [Fact]
    public void Optimizers_have_the_numbers_of_the_wire()
    {
        Values<Estimation.Input.OptimizerKind>().ShouldBe(Values<Proto.OptimizerKind>());
        ((int)Estimation.Input.OptimizerKind.AdamW).ShouldBe((int)Proto.OptimizerKind.Adamw);
        ((int)Estimation.Input.OptimizerKind.RmsProp).ShouldBe((int)Proto.OptimizerKind.Rmsprop);
    }

    [Fact]
    public void Severities_have_the_numbers_of_the_wire() =>
        Numbers<FindingSeverity>().ShouldBe(Numbers<Proto.Severity>().Where(pair => pair.Value != 0).ToDictionary());

    private static Dictionary<string, int> Numbers<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().ToDictionary(value => value.ToString().ToUpperInvariant(), value => Convert.ToInt32(value));

    private static List<int> Values<T>()
        where T : struct, Enum =>
        [.. Enum.GetValues<T>().Select(value => Convert.ToInt32(value)).Order()];
}
