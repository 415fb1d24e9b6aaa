using TrainingMonitor.Logs.Naming;

namespace TrainingMonitor.Logs.Tests.Naming;

public sealed class NameMapTests
{
    [Theory]
    [InlineData("loss", Known.Loss)]
    [InlineData("train/loss", Known.Loss)]
    [InlineData("train_loss", Known.Loss)]
    [InlineData("lm loss", Known.Loss)]
    [InlineData("lm_loss", Known.Loss)]
    [InlineData("training_loss", Known.Loss)]
    [InlineData("lr", Known.LearningRate)]
    [InlineData("learning rate", Known.LearningRate)]
    [InlineData("learning-rate", Known.LearningRate)]
    [InlineData("grad norm", Known.GradNorm)]
    [InlineData("eval/loss", Known.HeldOutLoss)]
    [InlineData("val_loss", Known.HeldOutLoss)]
    [InlineData("eval_loss", Known.HeldOutLoss)]
    [InlineData("val/accuracy", Known.HeldOutAccuracy)]
    [InlineData("train_acc", Known.Accuracy)]
    [InlineData("elapsed time per iteration (ms)", Known.StepMilliseconds)]
    [InlineData("consumed samples", Known.Samples)]
    [InlineData("lm loss vs samples", Known.None)]
    [InlineData("z_loss", Known.None)]
    [InlineData("loss scale", Known.None)]
    public void Names_of_logs(string name, Known known) => new NameMap().Of(name).ShouldBe(known);

    [Fact]
    public void One_name_each_and_a_persons_word_is_last()
    {
        var first = new NameMap();
        first.Of("loss").ShouldBe(Known.Loss);
        first.Of("train_loss").ShouldBe(Known.None);
        first.Of("loss").ShouldBe(Known.Loss);

        var given = new NameMap(new Dictionary<string, Known>(StringComparer.Ordinal) { ["mse"] = Known.Loss });
        given.Of("loss").ShouldBe(Known.None);
        given.Of("mse").ShouldBe(Known.Loss);
    }
}
