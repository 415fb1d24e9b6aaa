using System.Numerics.Tensors;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using TrainingMonitor.TorchSharp.Reporting;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Runs the curvature probes of one step. An error of the user's closures ends the probes, not the monitor.</summary>
internal sealed class ProbeRunner(nn.Module model, LayerMap map, ProbeOptions options, long datasetSize, IReportSink sink, TimeProvider time, Action<string> say) : IDisposable
{
    private readonly Tensor[] parameters = [.. map.Parameters.Select(p => p.Tensor)];
    private NextBatchGain? gain;
    private bool off;

    /// <summary>Probes at the weights before the step's update. Layer hooks must be asleep.</summary>
    /// <param name="step">The step.</param>
    /// <param name="batch">Its batch.</param>
    /// <param name="due">This is a probe step; else only a gain begun at the step before is finished.</param>
    public void Run(long step, BatchInfo batch, bool due)
    {
        if (off || (!due && gain is null))
        {
            return;
        }

        try
        {
            using var scope = NewDisposeScope();
            FinishGain(step, batch);
            if (due)
            {
                Probe(step, batch);
            }
        }
        catch (Exception e)
        {
            // The closures are the user's; what they throw must not stop training or the statistics.
            off = true;
            say($"probes are off for this run: {e.GetType().Name}: {e.Message.Split('\n', 2)[0]}");
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        gain?.Dispose();
        gain = null;
    }

    private void FinishGain(long step, BatchInfo batch)
    {
        using var begun = gain;
        gain = null;
        if (begun is null || begun.Step != step - 1 || batch.Reevaluate is null)
        {
            return;
        }

        var start = time.GetTimestamp();
        using var trace = new NoTrace(model, parameters);
        var value = begun.Measure(batch.Reevaluate, trace.Rewind);
        Send(ProbeKind.NextBatchGain, begun.Step, start, value, null, 2, true, batch.Size > 0 ? batch.Size : batch.ExampleIds.Length);
    }

    private void Probe(long step, BatchInfo batch)
    {
        if (FixedLoss() is { } closure && (options.Sharpness || options.Preconditioned || options.TraceVectors > 0))
        {
            using var trace = new NoTrace(model, parameters);
            if (options.EvalMode)
            {
                model.eval();
            }

            ProbeFixed(step, closure);
        }

        if (options.BatchSharpness && (options.BatchLoss is not null || batch.Reevaluate is not null))
        {
            using var trace = new NoTrace(model, parameters);
            ProbeBatches(step, batch.Reevaluate, batch.Size > 0 ? batch.Size : batch.ExampleIds.Length);
        }

        if (options.CriticalSharpness && (batch.Reevaluate ?? FixedLoss()) is { } along)
        {
            using var trace = new NoTrace(model, parameters);
            ProbeAlongUpdate(step, along, trace, batch.Reevaluate is null ? options.Examples : batch.Size > 0 ? batch.Size : batch.ExampleIds.Length);
        }

        if (options.NextBatchGain && batch.Reevaluate is not null)
        {
            gain = new NextBatchGain(step, parameters);
        }
    }

    private Func<Tensor>? FixedLoss() => options.LossPart is not { } part ? options.Loss : () => MeanOf(part, options.IterationParts > 0 ? Math.Min(options.IterationParts, options.Parts) : options.Parts);

    // The mean over parts, as one graph.
    private static Tensor MeanOf(Func<int, Tensor> part, int parts)
    {
        var sum = part(0);
        for (var k = 1; k < parts; k++)
        {
            sum = sum + part(k);
        }

        return sum / parts;
    }

    private void ProbeFixed(long step, Func<Tensor> closure)
    {
        using var grad = enable_grad();
        var start = time.GetTimestamp();
        using var hessian = new HessianOperator(closure(), parameters);
        var iterations = (int)Math.Clamp(options.BasisBytes / (sizeof(double) * (long)Math.Max(1, hessian.Size)), 2, options.Iterations);
        if (options.Sharpness)
        {
            var space = Lanczos.Run(hessian.Size, hessian.Multiply, iterations, options.Tolerance, seed: 1);
            SendSharpness(ProbeKind.Sharpness, step, start, space, null);
            start = time.GetTimestamp();
        }

        if (options.Preconditioned && InverseRoots() is { } d)
        {
            var space = Lanczos.Run(hessian.Size, Scaled(hessian, d), iterations, options.Tolerance, seed: 2);
            SendSharpness(ProbeKind.PreconditionedSharpness, step, start, space, d);
            start = time.GetTimestamp();
        }

        if (options.TraceVectors > 0)
        {
            var (mean, error) = HessianTrace.Estimate(hessian.Size, hessian.Multiply, options.TraceVectors, seed: 3);
            Send(ProbeKind.HessianTrace, step, start, mean, error, options.TraceVectors, true, options.Examples);
        }
    }

    // P^{-1/2}·H·P^{-1/2} is symmetric and has the eigenvalues of P^{-1}H.
    private static Action<double[], double[]> Scaled(HessianOperator hessian, double[] roots)
    {
        var scaled = new double[hessian.Size];
        return (x, y) =>
        {
            TensorPrimitives.Multiply(x, roots, scaled);
            hessian.Multiply(scaled, y);
            TensorPrimitives.Multiply(y, roots, y);
        };
    }

    private void SendSharpness(ProbeKind kind, long step, long start, KrylovSpace space, double[]? roots)
    {
        var result = space.Result;
        if (options.LossPart is not { } part || !double.IsFinite(result.Value))
        {
            Send(kind, step, start, result.Value, result.Residual, result.Products, result.Converged, options.Examples);
            return;
        }

        var evaluations = result.Products;
        if (options.IterationParts > 0 && options.IterationParts < options.Parts && result.Value > 0)
        {
            // The sample's sharp directions nearly span those of all examples: a few iterations from there.
            using var hessian = new HessianOperator(MeanOf(part, options.Parts), parameters);
            space = Lanczos.Run(space.SharpStart(), roots is null ? hessian.Multiply : Scaled(hessian, roots), options.AllIterations, options.Tolerance);
            evaluations += space.Result.Products;
        }

        var finite = datasetSize > 0 && options.Examples > 0 ? Math.Clamp(1 - ((double)options.Examples / datasetSize), 0, 1) : 1;
        var products = finite > 0 ? PartProducts(part, space.Pairs().First().Vector, roots) : [];
        var (value, error) = TopEigenvalue.Of(space, products, finite);
        Send(kind, step, start, value, error, evaluations + (finite > 0 ? 1 : 0), space.Result.Converged, options.Examples);
    }

    private List<double[]> PartProducts(Func<int, Tensor> part, double[] vector, double[]? roots)
    {
        var products = new List<double[]>(options.Parts);
        for (var k = 0; k < options.Parts; k++)
        {
            using var hessian = new HessianOperator(part(k), parameters);
            var product = new double[hessian.Size];
            (roots is null ? hessian.Multiply : Scaled(hessian, roots))(vector, product);
            products.Add(product);
        }

        return products;
    }

    private void ProbeBatches(long step, Func<Tensor>? again, int examples)
    {
        using var grad = enable_grad();
        var start = time.GetTimestamp();
        var values = options.BatchLoss is { } draw
            ? [.. Enumerable.Range(0, options.Batches).Select(k => AlongGradient(draw(k)))]
            : new[] { AlongGradient(again!()) };
        var mean = values.Average();
        double? error = values.Length > 1 ? Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length) : null;
        Send(ProbeKind.BatchSharpness, step, start, mean, error, values.Length, true, examples);
    }

    private double AlongGradient(Tensor loss)
    {
        using var scope = NewDisposeScope();
        using var hessian = new HessianOperator(loss, parameters);
        var g = hessian.Gradient();
        var product = new double[g.Length];
        hessian.Multiply(g, product);
        return TensorPrimitives.Dot<double>(g, product) / TensorPrimitives.SumOfSquares<double>(g);
    }

    private void ProbeAlongUpdate(long step, Func<Tensor> closure, NoTrace trace, int examples)
    {
        using var quiet = no_grad();
        var start = time.GetTimestamp();
        var rules = map.Parameters.Select(p => OptimizerReader.Read(p)).ToArray();
        if (rules.Any(r => r.Kind == RuleKind.Unknown) || parameters.Any(p => p.grad is null))
        {
            return;
        }

        var updates = parameters.Select((p, i) => UpdateTensors.Predict(rules[i], p.grad!, p, p.dtype).Update).ToArray();
        var before = parameters.Select(p => p.detach().clone()).ToArray();
        try
        {
            var (factor, evaluations, converged) = CriticalRate.Find(c => LossAt(c));
            Send(ProbeKind.CriticalSharpness, step, start, 2 / (factor * rules[0].LearningRate), null, evaluations, converged, examples);
        }
        finally
        {
            Move(0);
        }

        double LossAt(double c)
        {
            using var scope = NewDisposeScope();
            Move(c);
            trace.Rewind();
            return closure().detach().to_type(ScalarType.Float64).cpu().item<double>();
        }

        void Move(double c)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i].copy_(c == 0 ? before[i] : before[i].add(updates[i], alpha: -c));
            }
        }
    }

    /// <summary>(√v̂ + ε)^(−1/2) for every coordinate; null where the optimizer has no preconditioner yet.</summary>
    private double[]? InverseRoots()
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var flat = new List<double[]>();
        foreach (var parameter in map.Parameters)
        {
            if (UpdateTensors.Preconditioner(OptimizerReader.Read(parameter), ScalarType.Float64) is not { } root)
            {
                return null;
            }

            flat.Add(root.rsqrt().cpu().contiguous().data<double>().ToArray());
        }

        return [.. flat.SelectMany(f => f)];
    }

    private void Send(ProbeKind kind, long step, long start, double value, double? error, int evaluations, bool converged, int examples)
    {
        var result = new ProbeResult
        {
            Kind = kind,
            Step = (ulong)step,
            Value = value,
            Evaluations = (uint)evaluations,
            Converged = converged,
            Seconds = time.GetElapsedTime(start).TotalSeconds,
            Examples = (uint)examples,
        };
        if (error is { } given)
        {
            result.StandardError = given;
        }

        sink.Report(result);
    }
}
