using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Tests.Conversion;

public sealed class OtherConversionTests
{
    [Fact]
    public void A_description_keeps_its_numbers_and_an_empty_one_is_unknown()
    {
        var configuration = new RunDescription
        {
            Optimizer = new OptimizerDescription { Kind = OptimizerKind.Rmsprop, LearningRate = 0.1, Alpha = 0.99, Beta2 = 0.5, WeightDecay = 0.2, DecoupledDecay = true },
            DatasetSize = 100,
            BatchSize = 10,
            Sampling = SamplingScheme.WithReplacement,
            PlannedSteps = ulong.MaxValue,
            Schedule = new Schedule { PairInterval = 4, ExactInterval = 16 },
        }.ToConfiguration();
        (configuration.Optimizer, configuration.Beta2).ShouldBe((Estimation.Input.OptimizerKind.RmsProp, 0.99));
        (configuration.DatasetSize, configuration.BatchSize, configuration.PlannedSteps).ShouldBe((100, 10, long.MaxValue));
        (configuration.PairInterval, configuration.ExactInterval, configuration.DecoupledDecay).ShouldBe((4, 16, true));
        configuration.Sampling.ShouldBe(Estimation.Input.SamplingScheme.WithReplacement);
        new RunDescription().ToConfiguration().ShouldBe(new Estimation.Input.RunConfiguration());
    }

    [Fact]
    public void A_probe_without_a_standard_error_has_none()
    {
        var probe = new ProbeResult { Kind = ProbeKind.Sharpness, Step = 3, TimeUnixNs = 4, Value = 5 };
        double.IsNaN(probe.ToInput().StandardError).ShouldBeTrue();
        probe.StandardError = 0.5;
        probe.ToInput().StandardError.ShouldBe(0.5);
        (probe.ToInput().Kind, probe.ToInput().Step).ShouldBe((Estimation.Input.ProbeKind.Sharpness, 3));
    }

    [Fact]
    public void A_finding_becomes_an_alert_with_its_identity_and_evidence()
    {
        var finding = new Finding
        {
            Rule = DetectionRule.NonFinite,
            Layer = 2,
            State = FindingState.Firing,
            Severity = FindingSeverity.Critical,
            Step = 10,
            TimeUnixNs = 11,
            SinceStep = 9,
            Statistic = "non_finite",
            Value = 3,
            Threshold = 0,
            WindowFrom = -1,
            WindowTo = 10,
            FalseAlarmControl = "none",
            Summary = "Three.",
            Advice = "Look.",
            Missing = ["loss"],
            Values = new Dictionary<string, double> { ["z"] = 1, ["a"] = 2 },
        };
        var alert = finding.ToAlert("run", "fc/1", 5, 1, 2);
        alert.Id.ShouldBe("run/nonfinite/fc/1");
        (alert.Ordinal, alert.Attempt, alert.Segment, alert.Step, alert.SinceStep).ShouldBe((5UL, 1U, 2U, 10UL, 9UL));
        (alert.Severity, alert.State).ShouldBe((Severity.Critical, AlertState.Firing));
        alert.Evidence.WindowFrom.ShouldBe(0UL);
        alert.Evidence.Missing.ShouldBe(["loss"]);
        alert.Evidence.Values.Keys.ShouldBe(["a", "z"]);
        finding.ToAlert("run", "", 1, 0, 0).Id.ShouldBe("run/nonfinite");
    }
}
