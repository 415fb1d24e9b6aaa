using TrainingMonitor.Client;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests.Clocks;

/// <summary>Both clocks through the watch, in a network with dropout and BatchNorm.</summary>
public sealed class WatchedClocksTests
{
    private const int Examples = 120, Classes = 4, Batch = 20, Steps = 24;

    [Fact]
    public void Looking_at_canaries_and_sentinels_leaves_every_bit_alone()
    {
        var alone = Run(null, null);
        var sink = new CaptureSink();
        var watched = Run(sink, []);
        watched.Losses.ShouldBe(alone.Losses);
        for (var i = 0; i < alone.State.Length; i++)
        {
            watched.State[i].AsSpan().SequenceEqual(alone.State[i]).ShouldBeTrue($"tensor {i}");
        }

        // An evaluation before the first step and about once an epoch, whether or not anything else is due; canaries wherever one comes again.
        sink.Reports.Where(r => r.Sentinels is not null).Select(r => r.Step).ShouldBe([0ul, 6, 12, 18]);
        sink.Reports.Count(r => r.Canaries is not null).ShouldBeGreaterThan(5);
        sink.Reports.Count(r => r.Columns.Count > 0).ShouldBeLessThan(10);
        var first = sink.At(0).Sentinels;
        (first.PairedCount, first.ReferenceStep, first.SeenCount).ShouldBe((0u, 0ul, 0u));
        first.FreshSumLoss.ShouldBe(watched.FreshLosses.Sum(), 1e-4);
        first.FreshSumLossSq.ShouldBe(watched.FreshLosses.Sum(l => l * l), 1e-4);
        var second = sink.At(6).Sentinels;
        (second.PairedCount, second.ReferenceStep).ShouldBe((first.FreshCount, 0ul));
        second.SumRise.ShouldBe(second.FreshSumLoss - first.FreshSumLoss, 1e-9);
        sink.At(18).Sentinels.SeenCount.ShouldBeGreaterThan(0u, "the second turn has come");
    }

    [Fact]
    public void A_loss_that_throws_ends_the_sentinels_only()
    {
        var said = new List<string>();
        var sink = new CaptureSink();
        var watched = Run(sink, said, _ => throw new TimeoutException("no data"));
        watched.Losses.ShouldBe(Run(null, null).Losses);
        said.ShouldHaveSingleItem().ShouldBe("sentinels are off for this run: TimeoutException: no data");
        sink.Reports.ShouldAllBe(r => r.Sentinels == null);
        sink.Reports.ShouldContain(r => r.Canaries != null);
    }

    [Fact]
    public void A_mean_in_place_of_losses_is_named()
    {
        var said = new List<string>();
        Run(new CaptureSink(), said, _ => zeros(1).sum());
        said.ShouldHaveSingleItem().ShouldContain("1 losses for");
    }

    [Fact]
    public void Outputs_that_are_not_given_are_missed_once()
    {
        var said = new List<string>();
        var sink = new CaptureSink();
        Run(sink, said, giveOutputs: false);
        said.ShouldHaveSingleItem().ShouldContain("BatchInfo.ExampleIds, Outputs and Targets");
        sink.Reports.ShouldAllBe(r => r.Canaries == null);
    }

    private static (double[] Losses, byte[][] State, double[] FreshLosses) Run(CaptureSink? sink, List<string>? said, Func<long[], Tensor>? losses = null, bool giveOutputs = true)
    {
        manual_seed(5);
        using var outer = NewDisposeScope();
        using var model = Sequential(("a", Linear(6, 16)), ("bn", BatchNorm1d(16)), ("relu", ReLU()), ("drop", Dropout(0.4)), ("b", Linear(16, Classes)));
        var optimizer = OptimizerCases.Make("adam", model);
        var (x, y) = (randn(Examples, 6), randint(Classes, Examples, dtype: ScalarType.Int64));
        Tensor Losses(long[] ids) => functional.cross_entropy(model.call(x[tensor(ids)]), y[tensor(ids)], reduction: Reduction.None);
        var canaries = new Canaries(Examples, Classes, 1);
        var sentinels = new Sentinels(Examples, losses ?? Losses, new SentinelOptions { Share = 0.2, Slices = 2, EpochsATurn = 2 }, 1, canaries);
        double[] fresh = [];
        if (sink is not null && losses is null)
        {
            using var quiet = no_grad();
            model.eval();
            fresh = [.. Losses(sentinels.Withheld().Fresh).data<float>().ToArray().Select(l => (double)l)];
            model.train();
        }

        using var watch = sink is null ? null : TrainingWatch.Start(
            model,
            optimizer,
            new WatchOptions
            {
                Canaries = canaries, Sentinels = sentinels, DatasetSize = Examples, BatchSize = Batch, PairInterval = 8, ExactInterval = 8,
                Client = new ClientOptions { Say = said!.Add },
            },
            sink,
            TimeProvider.System);
        var all = Enumerable.Range(0, Examples).Select(i => (long)i).ToArray();
        var made = new double[Steps];
        for (int step = 0, epoch = 0; step < Steps; epoch++)
        {
            sentinels.BeginEpoch(epoch);
            foreach (var ids in sentinels.Filter(all).Chunk(Batch).TakeWhile(_ => step < Steps))
            {
                using var scope = NewDisposeScope();
                var targets = canaries.Relabel(ids, y[tensor(ids)]);
                optimizer.zero_grad();
                var outputs = model.call(x[tensor(ids)]);
                var loss = functional.cross_entropy(outputs, targets);
                loss.backward();
                made[step++] = loss.item<float>();
                if (watch is null)
                {
                    optimizer.step();
                }
                else
                {
                    watch.Step(loss, new BatchInfo { ExampleIds = ids, Outputs = giveOutputs ? outputs : null, Targets = targets });
                }
            }
        }

        return (made, [.. model.state_dict().Values.Select(v => v.bytes.ToArray()), get_rng_state().bytes.ToArray()], fresh);
    }
}
