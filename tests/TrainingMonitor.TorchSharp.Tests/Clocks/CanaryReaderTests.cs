using System.Runtime.InteropServices;
using TrainingMonitor.TorchSharp.Clocks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests.Clocks;

public sealed class CanaryReaderTests
{
    /// <summary>Against torch's own losses at every choice.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(2)]
    [InlineData(40)]
    public void Sums_are_those_of_torch(int classes)
    {
        using var scope = NewDisposeScope();
        manual_seed(classes);
        const int Examples = 64;
        var canaries = new Canaries(Examples, classes, 5);
        using var reader = new CanaryReader(canaries, lossIsSum: false);
        var ids = Enumerable.Range(0, Examples).Select(i => (long)i).ToArray();
        var own = ids.Select(i => i % classes).ToArray();
        var targets = canaries.Relabel(ids, tensor(own));
        var outputs = randn(Examples, classes, dtype: ScalarType.Float64);
        var loss = functional.cross_entropy(outputs, targets);
        reader.Read(ids, outputs, targets, loss).ShouldBeNull("none was trained on yet");
        var sums = reader.Read(ids, outputs, targets, loss).ShouldNotBeNull();

        var counts = new uint[Math.Min(canaries.Choices, 10)];
        double losses = 0, advantages = 0, squares = 0, pulls = 0, others = 0;
        var log = functional.log_softmax(outputs, 1).data<double>().ToArray();
        var labels = targets.data<long>().ToArray();
        for (var i = 0; i < Examples; i++)
        {
            var row = log.AsSpan(i * classes, classes).ToArray();
            if (!canaries.Ids.Contains(i))
            {
                others += row.Select((l, c) => Math.Pow(Math.Exp(l) - (c == labels[i] ? 1 : 0), 2)).Sum();
                continue;
            }

            int[] choices = [.. Enumerable.Range(0, classes).Where(c => classes == 2 || c != own[i])];
            var mine = -row[labels[i]];
            var advantage = choices.Average(c => -row[c]) - mine;
            counts[choices.Count(c => -row[c] < mine) * counts.Length / choices.Length]++;
            (losses, advantages, squares) = (losses + mine, advantages + advantage, squares + (advantage * advantage));
            pulls += 1 - Math.Exp(-mine) - ((1 - choices.Sum(c => Math.Exp(row[c]))) / choices.Length);
        }

        MemoryMarshal.Cast<byte, uint>(sums.RankCounts.Span).ToArray().ShouldBe(counts);
        (sums.Choices, sums.Canaries, sums.Pass, sums.Others, sums.TrainCount).ShouldBe(((uint)canaries.Choices, 16u, 1ul, Examples - 16u, (ulong)Examples));
        sums.SumLoss.ShouldBe(losses, 1e-9);
        sums.SumAdvantage.ShouldBe(advantages, 1e-9);
        sums.SumAdvantageSq.ShouldBe(squares, 1e-9);
        sums.SumPull.ShouldBe(pulls, 1e-9);
        sums.OthersSumPull.ShouldBe(others, 1e-9);
        sums.TrainSumLoss.ShouldBe(Examples * loss.item<double>(), 1e-9);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void In_a_pass_each_canary_counts_once_however_batches_are_drawn(bool replacement)
    {
        using var scope = NewDisposeScope();
        const int Examples = 200, Batch = 20, Epochs = 30;
        var canaries = new Canaries(Examples, 5);
        using var reader = new CanaryReader(canaries, lossIsSum: true);
        var random = new Random(3);
        var order = Enumerable.Range(0, Examples).Select(i => (long)i).ToArray();
        var perPass = new Dictionary<ulong, uint>();
        var outputs = zeros(Batch, 5);
        var targets = zeros(Batch, ScalarType.Int64);
        var loss = ones(1).sum();
        var train = 0.0;
        for (var step = 0; step < Epochs * Examples / Batch; step++)
        {
            var at = step * Batch % Examples;
            if (at == 0)
            {
                random.Shuffle(order);
            }

            var ids = replacement ? Enumerable.Range(0, Batch).Select(_ => (long)random.Next(Examples)).ToArray() : order[at..(at + Batch)];
            if (reader.Read(ids, outputs, targets, loss) is { } sums)
            {
                perPass[sums.Pass] = perPass.GetValueOrDefault(sums.Pass) + (uint)MemoryMarshal.Cast<byte, uint>(sums.RankCounts.Span).ToArray().Sum(c => c);
                train += sums.TrainSumLoss;
            }
        }

        perPass.Values.ShouldAllBe(n => n <= 16);
        perPass.Count.ShouldBeInRange(replacement ? 15 : Epochs - 1, replacement ? 50 : Epochs - 1);
        perPass.Where(pass => pass.Key > 0 && pass.Key < perPass.Keys.Max()).ShouldAllBe(pass => pass.Value >= 3);
        train.ShouldBeInRange((Epochs - 4.0) * Examples / Batch, Epochs * (double)Examples / Batch);
    }

    [Fact]
    public void Outputs_that_do_not_fit_are_named()
    {
        using var scope = NewDisposeScope();
        var canaries = new Canaries(16, 5);
        using var reader = new CanaryReader(canaries, lossIsSum: false);
        var ids = Enumerable.Range(0, 16).Select(i => (long)i).ToArray();
        var loss = ones(1).sum();
        reader.Read(ids, null, null, loss).ShouldBeNull();
        Should.Throw<InvalidOperationException>(() => reader.Read(ids, zeros(16, 4), zeros(16, ScalarType.Int64), loss)).Message.ShouldContain("[16, 5]");
    }
}
