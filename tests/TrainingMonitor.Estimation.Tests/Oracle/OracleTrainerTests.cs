using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Oracle;

public sealed class OracleTrainerTests
{
    [Theory]
    [InlineData(OracleLoss.CrossEntropy)]
    [InlineData(OracleLoss.Squared)]
    public void Gradients_are_those_of_finite_differences(OracleLoss loss)
    {
        var data = loss == OracleLoss.Squared ? OracleData.Linear(20, 6, 0.5, 1) : OracleData.Teacher(20, 0.1, 1);
        var network = new OracleNetwork([data.Inputs[0].Length, 7, 5, loss == OracleLoss.Squared ? 1 : 8], loss, 3);
        int[] batch = [4];
        for (var layer = 0; layer < network.LayerCount; layer++)
        {
            network.Backward(data, batch);
            var delta = network.Delta(layer, 0).ToArray();
            var activation = network.Activation(layer, 0).ToArray();
            for (var k = 0; k < network.Weights[layer].Length; k++)
            {
                const double Step = 1e-6;
                network.Weights[layer][k] += Step;
                var up = network.Forward(data, batch).Loss;
                network.Weights[layer][k] -= 2 * Step;
                var down = network.Forward(data, batch).Loss;
                network.Weights[layer][k] += Step;
                var gradient = delta[k / activation.Length] * activation[k % activation.Length];
                gradient.ShouldBe((up - down) / (2 * Step), 1e-6);
            }
        }
    }

    [Fact]
    public void Lag_sums_agree_with_the_cross_column()
    {
        var trainer = new OracleTrainer(new OracleOptions { Hidden = [16], Outputs = 8 }, OracleData.Teacher(200, 0.2));
        for (var t = 0; t < 12; t++)
        {
            trainer.Next();
            trainer.Step.HasLag.ShouldBe(t > 0);
            if (t > 0)
            {
                var cross = trainer.Step.Column(LayerStatistic.Cross).ToArray().Sum();
                (trainer.Step.Lag.SumCross / trainer.Step.Lag.Count).ShouldBe(cross, 1e-12);
            }

            trainer.Step.Flags.HasFlag(StepFlags.EpochSeam).ShouldBe(t is 4 or 8);
        }
    }

    [Fact]
    public void Training_learns_the_digits()
    {
        var trainer = new OracleTrainer(new OracleOptions(), OracleData.Digits(0));
        for (var t = 0; t < 200; t++)
        {
            trainer.Next();
        }

        trainer.Evaluate(1000, 797).Accuracy.ShouldBeGreaterThan(0.9);
        trainer.TrainLoss().ShouldBeLessThan(0.1);
    }
}
