using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Tests.Support;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Probes;

/// <summary>Probes against the whole Hessian, column by column, on a small net in float64.</summary>
public sealed class ProbeTests
{
    [Theory]
    [InlineData("adamw", false)]
    [InlineData("rmsprop", false)]
    [InlineData("momentum", false)]
    [InlineData("adamw", true)]
    [InlineData("momentum", true)]
    public void Agree_with_the_dense_hessian(string name, bool inParts)
    {
        manual_seed(4);
        var (model, input) = Nets.Make("linear");
        using var unused = nn.Linear(2, 2, dtype: ScalarType.Float64);
        using var optimizer = OptimizerCases.Make(name, model);
        var (fx, fy) = (input(20), randint(Nets.Classes, 20, dtype: ScalarType.Int64));
        var (bx, by) = (fx, fy);
        using var sink = new CaptureSink();
        var options = new WatchOptions
        {
            PairInterval = 1,
            DatasetSize = 20,
            Probes = new ProbeOptions
            {
                Interval = 2,
                Iterations = 75,
                Tolerance = 1e-9,
                TraceVectors = inParts ? 0 : 30,
                Examples = 20,
                Loss = () => Loss(fx, fy),
                LossPart = inParts ? k => Loss(fx.slice(0, 5 * k, (5 * k) + 5, 1), fy.slice(0, 5 * k, (5 * k) + 5, 1)) : null,
                Parts = 4,
                IterationParts = 2,
                AllIterations = 75,
                BatchLoss = inParts ? k => Loss(bx.slice(0, 4 * k, (4 * k) + 4, 1), by.slice(0, 4 * k, (4 * k) + 4, 1)) : null,
                Batches = 2,
            },
        };
        using var watch = TrainingWatch.Start(model, optimizer, options, sink, TimeProvider.System);
        var helper = (global::TorchSharp.Modules.OptimizerHelper)optimizer;
        var parameters = model.parameters().ToArray();
        var expected = new Dictionary<(ProbeKind Kind, long Step), double>();
        using var scope = NewDisposeScope(); // holds every tensor while native code reads it
        for (var t = 0; t < 5; t++)
        {
            var (x, y) = (input(8), randint(Nets.Classes, 8, dtype: ScalarType.Int64));
            (bx, by) = (x, y);
            optimizer.zero_grad();
            using var loss = Loss(x, y);
            loss.backward();
            if (t % 2 == 0)
            {
                var h = Hessian(fx, fy);
                expected[(ProbeKind.Sharpness, t)] = Top(h);
                if (!inParts)
                {
                    expected[(ProbeKind.HessianTrace, t)] = h.trace().item<double>();
                }

                expected[(ProbeKind.BatchSharpness, t)] = inParts
                    ? (AlongGradient(x.slice(0, 0, 4, 1), y.slice(0, 0, 4, 1)) + AlongGradient(x.slice(0, 4, 8, 1), y.slice(0, 4, 8, 1))) / 2
                    : AlongGradient(x, y);
                if (t > 0 && name != "momentum")
                {
                    var root = cat([.. helper.state_dict().State.Select(s => Root(s, t).reshape(-1))]).rsqrt();
                    expected[(ProbeKind.PreconditionedSharpness, t)] = Top(root.unsqueeze(1) * h * root.unsqueeze(0));
                }
            }
            else
            {
                expected[(ProbeKind.NextBatchGain, t - 1)] = before!.Value.Evaluate(x, y) - loss.item<double>();
            }

            before = new Snapshot(model, [.. parameters.Select(p => p.detach().clone())]);
            watch.Step(loss, new BatchInfo { Size = 8, Reevaluate = () => Loss(x, y) });
        }

        sink.Probes.Count.ShouldBe(expected.Count);
        foreach (var probe in sink.Probes)
        {
            var want = expected[(probe.Kind, (long)probe.Step)];
            var tolerance = probe.Kind == ProbeKind.HessianTrace ? 5 * probe.StandardError : 1e-6 * Math.Abs(want) + 1e-12;
            probe.Value.ShouldBe(want, tolerance, $"{probe.Kind} at {probe.Step}");
            probe.Converged.ShouldBeTrue();
            probe.Evaluations.ShouldBeGreaterThan(0u);
        }

        Tensor Loss(Tensor x, Tensor y) => nn.functional.cross_entropy(model.call(x), y);

        double AlongGradient(Tensor x, Tensor y)
        {
            var g = cat([.. autograd.grad([Loss(x, y)], parameters).Select(p => p.reshape(-1))]);
            return (g.dot(Hessian(x, y).mv(g)) / g.dot(g)).item<double>();
        }

        Tensor Hessian(Tensor x, Tensor y)
        {
            var grads = autograd.grad([Loss(x, y)], parameters, retain_graph: true, create_graph: true);
            var flat = cat([.. grads.Select(g => g.reshape(-1))]);
            var rows = Enumerable.Range(0, (int)flat.numel())
                .Select(i => cat([.. autograd.grad([flat[i]], parameters, retain_graph: true, allow_unused: true).Select((r, k) => r is { IsInvalid: false } ? r.reshape(-1) : zeros_like(parameters[k]).reshape(-1))]));
            return stack(rows.ToList()).detach();
        }
    }

    private Snapshot? before;

    private static double Top(Tensor matrix) => linalg.eigvalsh((matrix + matrix.t()) / 2).max().item<double>();

    private static Tensor Root(global::TorchSharp.Modules.OptimizerState state, int steps) => state switch
    {
        global::TorchSharp.Modules.AdamW.State s => (s.exp_avg_sq / (1 - Math.Pow(0.999, steps))).sqrt() + 1e-8,
        global::TorchSharp.Modules.RMSProp.State s => s.square_avg.sqrt() + 1e-8,
        _ => throw new InvalidOperationException(),
    };

    private readonly record struct Snapshot(nn.Module<Tensor, Tensor> Model, Tensor[] Weights)
    {
        public double Evaluate(Tensor x, Tensor y)
        {
            using var quiet = no_grad();
            var parameters = Model.parameters().ToArray();
            var now = parameters.Select(p => p.detach().clone()).ToArray();
            Set(parameters, Weights);
            var loss = nn.functional.cross_entropy(Model.forward(x), y).item<double>();
            Set(parameters, now);
            return loss;
        }

        private static void Set(Tensor[] to, Tensor[] from)
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i].copy_(from[i]);
            }
        }
    }
}
