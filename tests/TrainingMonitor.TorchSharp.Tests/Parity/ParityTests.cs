using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests.Parity;

/// <summary>From the same weights and batches this client sends what the PyTorch client sends, over several steps, so that optimizer states are the same too.</summary>
public sealed class ParityTests
{
    private const double Tolerance = 1e-4;

    private static readonly ParityFile.Training Training = ParityFile.Read();

    public static TheoryData<string> Optimizers { get; } = [.. Training.Runs.Keys];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Statistics_are_those_of_PyTorch(string name)
    {
        var (inputs, classes) = (Training.Inputs[0].Length, Training.Weights[3].Length);
        var hidden = Training.Weights[1].Length;
        using var model = Sequential(("a", Linear(inputs, hidden)), ("t", Tanh()), ("b", Linear(hidden, classes)));
        using (no_grad())
        {
            foreach (var (parameter, values) in model.parameters().Zip(Training.Weights))
            {
                parameter.copy_(tensor(values).view(parameter.shape));
            }
        }

        using var optimizer = OptimizerCases.Make(name, model);
        using var sink = new CaptureSink();
        var options = new WatchOptions
        {
            PairInterval = 1, ExactInterval = 1, DatasetSize = Training.Labels.Length, BatchSize = Training.Batches[0].Length, Sampling = SamplingScheme.WithReplacement,
        };
        using var watch = TrainingWatch.Start(model, optimizer, options, sink, TimeProvider.System);
        foreach (var batch in Training.Batches)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var x = stack(batch.Select(i => tensor(Training.Inputs[i])));
            var loss = functional.cross_entropy(model.call(x), tensor(batch.Select(i => Training.Labels[i]).ToArray()));
            loss.backward();
            watch.Step(loss, new BatchInfo { ExampleIds = batch });
        }

        for (var step = 0; step < Training.Batches.Length; step++)
        {
            Same(Training.Runs[name][step], sink.At(step), $"{name}, step {step}");
        }
    }

    private static void Same(ParityFile.Step expected, StepReport report, string where)
    {
        Near(report.Values.Loss, expected.Loss, $"{where}, loss");
        foreach (var (statistic, values) in expected.Columns)
        {
            var column = report.Column(Enum.Parse<LayerStatistic>(statistic.Replace("_", "", StringComparison.Ordinal), ignoreCase: true)).ShouldNotBeNull($"{where}, {statistic}");
            var scale = values.Max(value => Math.Abs(value ?? 0));
            for (var layer = 0; layer < values.Length; layer++)
            {
                Near(column[layer], values[layer] ?? double.NaN, $"{where}, {statistic} of layer {layer}", scale);
            }
        }

        (report.Lag is null).ShouldBe(expected.Lag is null, where);
        if (expected.Lag is { } lag)
        {
            Near(report.Lag!.Count, lag.Count, where);
            Near(report.Lag.SumCross, lag.SumCross, where, Math.Sqrt(lag.SumCrossSq));
            Near(report.Lag.SumZ, lag.SumZ, where);
            Near(report.Lag.SumCrossZ, lag.SumCrossZ, where, Math.Sqrt(lag.SumCrossSq));
            Near(report.Lag.SumZSq, lag.SumZSq, where);
            Near(report.Lag.SumCrossSq, lag.SumCrossSq, where);
        }
    }

    // A sum of terms of both signs is as exact as its terms are large.
    private static void Near(double actual, double expected, string where, double scale = 0)
    {
        if (double.IsNaN(expected))
        {
            double.IsNaN(actual).ShouldBeTrue(where);
            return;
        }

        actual.ShouldBe(expected, Tolerance * Math.Max(Math.Max(Math.Abs(expected), scale), 1e-12), where);
    }
}
