using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Operations;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class OperationsTests
{
    [Fact]
    public void A_stalled_run_is_resolved_by_the_next_step()
    {
        var bench = new DetectorBench(() => new StalledDetector());
        bench.Next(1).Apply();
        bench.Stall(30);
        bench.Stall(30);
        bench.Reload();
        bench.Next(1).Apply();
        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Firing, FindingState.Resolved]);
        bench.All[0].Summary.ShouldBe("No report after step 0 within the promised 30 s.");
    }

    [Fact]
    public void A_run_that_never_reported_can_stall_and_end()
    {
        var bench = new DetectorBench(() => new StalledDetector());
        bench.Stall(5);
        bench.End();
        bench.End();
        bench.All.Select(finding => finding.Summary).ShouldBe(["No report since the start within the promised 5 s.", "The run ended."]);
    }

    [Fact]
    public void Disagreeing_ranks_fire_once_and_resolve_after_a_hundred_calm_steps()
    {
        var bench = new DetectorBench(() => new RankDisagreementDetector(), null, "hidden");
        bench.Next(1).Apply();
        bench.Disagree(LayerStatistic.WeightSq, 0, 1, 1.5);
        bench.Disagree(LayerStatistic.WeightSq, 0, 1, 1.6);
        bench.Reload();
        for (var i = 0; i < RankDisagreementDetector.CalmToResolve; i++)
        {
            bench.All.Count.ShouldBe(1);
            bench.Next(1).Apply();
        }

        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Firing, FindingState.Resolved]);
        bench.All[0].Summary.ShouldBe("Ranks disagree at step 0: WeightSq of layer hidden lies between 1 and 1.5.");
        bench.All[0].Values["largest"].ShouldBe(1.5);
    }
}
