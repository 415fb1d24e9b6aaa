using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests.Parity;

/// <summary>From equal seeds this client chooses the PyTorch client's canaries and sentinels, and from equal weights and batches it sends the same sums.</summary>
public sealed class ClockParityTests
{
    private const double Tolerance = 1e-4;

    private static readonly ClockParityFile.Content Content = ClockParityFile.Read();

    [Fact]
    public void Canaries_and_their_labels_are_those_of_PyTorch()
    {
        foreach (var expected in Content.Canaries)
        {
            var canaries = new Canaries(expected.DatasetSize, expected.Classes, expected.Seed, expected.Share);
            canaries.Ids.ShouldBe(expected.Ids);
            expected.Ids.Select(id => canaries.LabelOf(id, id % expected.Classes)).ShouldBe(expected.Labels);
        }
    }

    [Fact]
    public void Sentinels_of_each_turn_are_those_of_PyTorch()
    {
        foreach (var expected in Content.Sentinels)
        {
            var options = new SentinelOptions { Share = expected.Share, Slices = expected.Slices, EpochsATurn = expected.EpochsATurn, MostExamples = expected.MostExamples };
            var sentinels = new Sentinels(expected.DatasetSize, _ => throw new InvalidOperationException(), options, expected.Seed);
            var ids = Enumerable.Range(0, (int)expected.DatasetSize).Select(id => (long)id).ToArray();
            foreach (var epoch in expected.Epochs)
            {
                sentinels.BeginEpoch(epoch.Number);
                var (fresh, seen) = sentinels.Withheld();
                fresh.ShouldBe(epoch.Fresh);
                seen.ShouldBe(epoch.Seen);
                sentinels.Filter(ids).Length.ShouldBe(epoch.Kept);
            }
        }
    }

    [Fact]
    public void Sums_of_a_training_are_those_of_PyTorch()
    {
        var run = Content.Run;
        var (examples, classes) = (run.Labels.Length, run.Weights[1].Length);
        using var outer = NewDisposeScope();
        var (x, y) = (stack(run.Inputs.Select(row => tensor(row))), tensor(run.Labels));
        using var model = Linear(run.Inputs[0].Length, classes);
        using (no_grad())
        {
            foreach (var (parameter, values) in model.parameters().Zip(run.Weights))
            {
                parameter.copy_(tensor(values).view(parameter.shape));
            }
        }

        using var optimizer = optim.SGD(model.parameters(), learningRate: 0.3, momentum: 0.9);
        var canaries = new Canaries(examples, classes, 2);
        var sentinels = new Sentinels(
            examples,
            ids => functional.cross_entropy(model.call(x[tensor(ids)]), y[tensor(ids)], reduction: Reduction.None),
            new SentinelOptions { Share = 0.2, Slices = 2, EpochsATurn = 2 },
            canaries: canaries);
        using var sink = new CaptureSink();
        var options = new WatchOptions { Canaries = canaries, Sentinels = sentinels, DatasetSize = examples, BatchSize = run.Epochs[0][0].Length, PairInterval = 1, ExactInterval = 0 };
        using var watch = TrainingWatch.Start(model, optimizer, options, sink, TimeProvider.System);
        for (var epoch = 0; epoch < run.Epochs.Length; epoch++)
        {
            sentinels.BeginEpoch(epoch);
            foreach (var batch in run.Epochs[epoch])
            {
                using var scope = NewDisposeScope();
                var targets = canaries.Relabel(batch, y[tensor(batch)]);
                optimizer.zero_grad();
                var outputs = model.call(x[tensor(batch)]);
                var loss = functional.cross_entropy(outputs, targets);
                loss.backward();
                watch.Step(loss, new BatchInfo { ExampleIds = batch, Outputs = outputs, Targets = targets });
            }
        }

        for (var step = 0; step < run.Steps.Length; step++)
        {
            var report = sink.At(step);
            Same(run.Steps[step].Canaries?.Where(pair => pair.Key != "rank_counts").ToDictionary(pair => pair.Key, pair => pair.Value.GetDouble(), StringComparer.Ordinal), report.Canaries, $"canaries, step {step}");
            Same(run.Steps[step].Sentinels, report.Sentinels, $"sentinels, step {step}");
            if (report.Canaries is { } sums)
            {
                MemoryMarshal.Cast<byte, uint>(sums.RankCounts.Span).ToArray().ShouldBe(run.Steps[step].Canaries!["rank_counts"].EnumerateArray().Select(count => count.GetUInt32()), $"step {step}");
            }
        }
    }

    private static void Same(Dictionary<string, double>? expected, IMessage? actual, string where)
    {
        (actual is null).ShouldBe(expected is null, where);
        foreach (var (name, value) in expected ?? [])
        {
            var field = actual!.Descriptor.FindFieldByName(name).Accessor.GetValue(actual);
            Convert.ToDouble(field, System.Globalization.CultureInfo.InvariantCulture).ShouldBe(value, Tolerance * Math.Max(Math.Abs(value), 1), $"{where}, {name}");
        }
    }
}
