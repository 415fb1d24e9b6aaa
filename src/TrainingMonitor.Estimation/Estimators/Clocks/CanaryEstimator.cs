using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators.Clocks;

/// <summary>What the random-label canaries say, once a pass: loss, advantage, evidence, and an estimate of held-out loss,
/// H = training loss + Σ ΔA·(mean pull of the other examples / mean pull of the canaries) over passes. An example's own part in the fall of its loss, which a held-out example does not have, grows with
/// ‖softmax − target‖² η k, k the kernel of its outputs with themselves; a canary's advantage A grows with its own pull times the same η k, which A measures.</summary>
internal sealed class CanaryEstimator : Estimator
{
    private readonly CanaryPass pass = new();
    private CanaryEvidence evidence;
    private double advantage = double.NaN, pull, othersPull, gap;

    /// <inheritdoc/>
    public override void Apply(in SeriesTarget target)
    {
        if (target.Step.Canaries is not { Count: > 0 } canaries || canaries.Pass < pass.Ordinal)
        {
            return;
        }

        if (canaries.Pass > pass.Ordinal)
        {
            if (pass.Count > 0)
            {
                Close(target);
            }

            pass.Begin(canaries.Pass);
        }

        pass.Add(canaries);
    }

    /// <inheritdoc/>
    public override void BeginSegment()
    {
        pass.Begin(-1);
        evidence = default;
        (advantage, pull, othersPull, gap) = (double.NaN, 0, 0, 0);
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        pass.Save(writer);
        evidence.Save(writer);
        writer.Write(advantage);
        writer.Write(pull);
        writer.Write(othersPull);
        writer.Write(gap);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        pass.Load(ref reader);
        evidence = CanaryEvidence.Load(ref reader);
        (advantage, pull, othersPull, gap) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
    }

    private void Close(in SeriesTarget target)
    {
        evidence.Add(pass.Bins(), pass.Choices);
        target[RunSeries.CanaryEvidence] = evidence.LogValue;
        if (!Usable.Is(pass.Loss) || !Usable.Is(pass.Advantage))
        {
            return;
        }

        target[RunSeries.CanaryLoss] = pass.Loss;
        target[RunSeries.CanaryAdvantage] = pass.Advantage;
        if (!Usable.Is(pass.TrainLoss) || !Usable.Is(pass.OthersPull) || !Usable.Is(pass.Pull))
        {
            return;
        }

        // The trapezoid of both pulls over the pass; where canaries are known by heart nothing pulls, and nothing is told.
        var between = pull + pass.Pull;
        gap += double.IsNaN(advantage) || !(between > 1e-3) ? 0 : (pass.Advantage - advantage) * (othersPull + pass.OthersPull) / between;
        (advantage, pull, othersPull) = (pass.Advantage, pass.Pull, pass.OthersPull);
        target[RunSeries.CanaryHeldOut] = pass.TrainLoss + gap;
    }
}
