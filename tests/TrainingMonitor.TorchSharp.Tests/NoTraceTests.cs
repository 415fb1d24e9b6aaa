using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests;

/// <summary>A watched run computes bit for bit what an unwatched one computes, whatever is on and whatever fails.</summary>
public sealed class NoTraceTests
{
    private const int Steps = 14;

    [Theory]
    [InlineData("adam")]
    [InlineData("nesterov")]
    [InlineData("rmsprop-momentum")]
    public void All_probes_and_sums_leave_every_bit_alone(string optimizer)
    {
        var alone = Run(optimizer, null, null);
        var sink = new CaptureSink();
        var watched = Run(optimizer, sink, Everything());
        watched.Losses.ShouldBe(alone.Losses);
        watched.State.Length.ShouldBe(alone.State.Length);
        for (var i = 0; i < alone.State.Length; i++)
        {
            watched.State[i].AsSpan().SequenceEqual(alone.State[i]).ShouldBeTrue($"tensor {i}");
        }

        sink.Reports.Count.ShouldBe(Steps);
        sink.Reports.ShouldAllBe(r => r.Exact);
        sink.Probes.Select(p => p.Kind).Distinct().Count().ShouldBe(optimizer == "nesterov" ? 4 : 5);
        sink.Descriptions[^1].Unavailable.Keys.ShouldContain(k => k.StartsWith("example_grad_sq/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sink_that_throws_switches_the_monitor_off_and_is_said_once()
    {
        var alone = Run("adam", null, null);
        var said = new List<string>();
        var sink = new CaptureSink { ThrowOnReport = new InvalidOperationException("boom") };
        var watched = Run("adam", sink, Everything() with { Client = new ClientOptions { Say = said.Add } });
        watched.Losses.ShouldBe(alone.Losses);
        said.Count.ShouldBe(1);
        said[0].ShouldContain("boom");
        said[0].ShouldContain("training goes on");
    }

    [Fact]
    public void A_probe_closure_that_throws_or_meddles_ends_the_probes_only()
    {
        var alone = Run("adam", null, null);
        var said = new List<string>();
        var sink = new CaptureSink();
        var calls = 0;
        var options = Everything() with
        {
            Client = new ClientOptions { Say = said.Add },
            Probes = new ProbeOptions
            {
                Interval = 2,
                Loss = () =>
                {
                    calls++;
                    using var noise = rand(100);
                    return calls > 1 ? throw new TimeoutException("no data") : zeros(1, requires_grad: true).sum();
                },
            },
        };
        var watched = Run("adam", sink, options);
        watched.Losses.ShouldBe(alone.Losses);
        said.Count.ShouldBe(1);
        sink.Reports.Count.ShouldBe(Steps);
    }

    [Fact]
    public void Nothing_leaks()
    {
        Run("adam", new CaptureSink(), Everything());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var statistics = global::TorchSharp.DisposeScopeManager.Statistics.TensorStatistics;
        var live = new List<long>();
        Run("adam", new CaptureSink(), Everything(), _ => live.Add(statistics.ThreadTotalLiveCount));
        (live[^1] - live[4]).ShouldBe(0);
    }

    [Fact]
    public void After_a_refusal_nothing_is_measured_any_more()
    {
        var alone = Run("adam", null, null);
        var said = new List<string>();
        var sink = new CaptureSink();
        var watched = Run("adam", sink, Everything() with { Client = new ClientOptions { Say = said.Add } }, t => sink.IsOn = t < 4);
        watched.Losses.ShouldBe(alone.Losses);
        for (var i = 0; i < alone.State.Length; i++)
        {
            watched.State[i].AsSpan().SequenceEqual(alone.State[i]).ShouldBeTrue($"tensor {i}");
        }

        // The client has said why; the watch has nothing to add.
        sink.Reports.Count.ShouldBe(5);
        said.ShouldBeEmpty();
    }

    [Fact]
    public void Disabled_only_steps()
    {
        var alone = Run("adam", null, null);
        var sink = new CaptureSink();
        var watched = Run("adam", sink, Everything() with { Client = new ClientOptions { Enabled = false } });
        watched.Losses.ShouldBe(alone.Losses);
        sink.Reports.ShouldBeEmpty();
        sink.Table.Layers.ShouldBeEmpty();
    }

    [Fact]
    public void Options_out_of_range_name_the_field()
    {
        using var model = Linear(2, 2);
        using var optimizer = OptimizerCases.Make("adam", model);
        Should.Throw<ArgumentException>(() => TrainingWatch.Start(model, optimizer, new WatchOptions { Budget = -1 })).Message.ShouldContain("Budget");
        Should.Throw<ArgumentException>(() => TrainingWatch.Start(model, optimizer, new WatchOptions { Probes = new ProbeOptions { Interval = 0 } }))
            .Message.ShouldContain("Probes.Interval");
    }

    private static WatchOptions Everything() => new()
    {
        PairInterval = 1,
        ExactInterval = 1,
        DatasetSize = 100,
        BatchSize = 10,
        Sampling = SamplingScheme.Shuffled,
        Probes = new ProbeOptions { Interval = 3, Iterations = 5, TraceVectors = 2 },
    };

    private static Module<Tensor, Tensor> Net() => Sequential(
        ("conv", Conv2d(1, 4, 3)), ("bn", BatchNorm2d(4)), ("relu", ReLU(inplace: true)), ("drop", Dropout(0.3)), ("flat", Flatten()),
        ("fc", Linear(4 * 36, 16)), ("norm", LayerNorm(16)), ("tanh", Tanh()), ("drop2", Dropout(0.5)), ("out", Linear(16, 3)));

    private static (double[] Losses, byte[][] State) Run(string name, CaptureSink? sink, WatchOptions? options, Action<int>? after = null)
    {
        manual_seed(77);
        using var model = Net();
        var optimizer = OptimizerCases.Make(name, model);
        using var fixedX = randn(12, 1, 8, 8);
        using var fixedY = randint(3, 12, dtype: ScalarType.Int64);
        if (options?.Probes is { Loss: null } probes)
        {
            options = options with { Probes = probes with { Loss = () => functional.cross_entropy(model.call(fixedX), fixedY) } };
        }

        using var watch = sink is null ? null : TrainingWatch.Start(model, optimizer, options!, sink, TimeProvider.System);
        var losses = new double[Steps];
        for (var t = 0; t < Steps; t++)
        {
            using (NewDisposeScope())
            {
                var (x, y) = (randn(10, 1, 8, 8), randint(3, 10, dtype: ScalarType.Int64));
                optimizer.zero_grad();
                var loss = functional.cross_entropy(model.call(x), y);
                loss.backward();
                losses[t] = loss.item<float>();
                if (watch is null)
                {
                    optimizer.step();
                }
                else
                {
                    watch.Step(loss, new BatchInfo
                    {
                        ExampleIds = Enumerable.Range(t * 5, 10).Select(i => (long)i).ToArray(),
                        Reevaluate = () => functional.cross_entropy(model.call(x), y),
                    });
                }
            }

            after?.Invoke(t);
        }

        using var scope = NewDisposeScope();
        return (losses, [.. model.state_dict().Values.Select(v => v.bytes.ToArray()), get_rng_state().bytes.ToArray()]);
    }
}
