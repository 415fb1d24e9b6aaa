using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>Sums over one third of a run, nats. Pairs start when Adam's first steps are over.</summary>
public sealed record RunInThirds(double Gain, double ExactGain, double FreshGain, double Memorized, double TrainDrop, double HeldOutDrop)
{
    /// <summary>Trains, analyses every step, and adds up.</summary>
    public static RunInThirds[] Of(OracleOptions options, OracleData data, int steps)
    {
        var trainer = new OracleTrainer(options, data);
        var analysis = new RunAnalysis(trainer.Configuration);
        analysis.SetLayers(trainer.LayerNames);
        var thirds = new RunInThirds[3];
        double gain = 0, exact = 0, fresh = 0, memorized = 0, lastFresh = 0, lastMemorized = 0, train = 0, heldOut = 0;
        for (var t = 0; t < steps; t++)
        {
            if (t % (steps / 3) == 0)
            {
                (train, heldOut) = (trainer.TrainLoss(), trainer.HeldOutLoss());
            }

            trainer.Next();
            analysis.Apply(trainer.Step);
            var pair = analysis.RunValues[(int)RunSeries.TransferGain];
            if (double.IsFinite(pair))
            {
                gain += pair;
                exact += trainer.ExactGain;
                (lastFresh, lastMemorized) = (analysis.RunValues[(int)RunSeries.FreshGain], analysis.RunValues[(int)RunSeries.MemorizedNats]);
            }

            if ((t + 1) % (steps / 3) == 0)
            {
                thirds[t / (steps / 3)] = new RunInThirds(
                    gain, exact, lastFresh - fresh, lastMemorized - memorized, train - trainer.TrainLoss(), heldOut - trainer.HeldOutLoss());
                (gain, exact, fresh, memorized) = (0, 0, lastFresh, lastMemorized);
            }
        }

        return thirds;
    }
}
