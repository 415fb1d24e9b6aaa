using System.Numerics.Tensors;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using TrainingMonitor.TorchSharp.Reporting;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Runs the curvature probes of one step. An error of the user's closures ends the probes, not the monitor.</summary>
internal sealed class ProbeRunner(nn.Module model, LayerMap map, ProbeOptions options, IReportSink sink, TimeProvider time, Action<string> say) : IDisposable
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
        if (options.Loss is not null && (options.Sharpness || options.Preconditioned || options.TraceVectors > 0))
        {
            using var trace = new NoTrace(model, parameters);
            if (options.EvalMode)
            {
                model.eval();
            }

            ProbeFixed(step, options.Loss);
        }

        if (options.BatchSharpness && batch.Reevaluate is { } again)
        {
            using var trace = new NoTrace(model, parameters);
            ProbeBatch(step, again, batch.Size > 0 ? batch.Size : batch.ExampleIds.Length);
        }

        if (options.NextBatchGain && batch.Reevaluate is not null)
        {
            gain = new NextBatchGain(step, parameters);
        }
    }

    private void ProbeFixed(long step, Func<Tensor> closure)
    {
        using var grad = enable_grad();
        var start = time.GetTimestamp();
        using var hessian = new HessianOperator(closure(), parameters);
        var iterations = (int)Math.Clamp(options.BasisBytes / (sizeof(double) * (long)Math.Max(1, hessian.Size)), 2, options.Iterations);
        if (options.Sharpness)
        {
            var result = Lanczos.Largest(hessian.Size, hessian.Multiply, iterations, options.Tolerance, seed: 1);
            Send(ProbeKind.Sharpness, step, start, result.Value, result.Residual, result.Products, result.Converged, options.Examples);
            start = time.GetTimestamp();
        }

        if (options.Preconditioned && InverseRoots() is { } d)
        {
            var scaled = new double[hessian.Size];
            var result = Lanczos.Largest(hessian.Size, Scaled, iterations, options.Tolerance, seed: 2);
            Send(ProbeKind.PreconditionedSharpness, step, start, result.Value, result.Residual, result.Products, result.Converged, options.Examples);
            start = time.GetTimestamp();

            // P^{-1/2}·H·P^{-1/2} is symmetric and has the eigenvalues of P^{-1}H.
            void Scaled(double[] x, double[] y)
            {
                TensorPrimitives.Multiply(x, d, scaled);
                hessian.Multiply(scaled, y);
                TensorPrimitives.Multiply(y, d, y);
            }
        }

        if (options.TraceVectors > 0)
        {
            var (mean, error) = HessianTrace.Estimate(hessian.Size, hessian.Multiply, options.TraceVectors, seed: 3);
            Send(ProbeKind.HessianTrace, step, start, mean, error, options.TraceVectors, true, options.Examples);
        }
    }

    private void ProbeBatch(long step, Func<Tensor> closure, int examples)
    {
        using var grad = enable_grad();
        var start = time.GetTimestamp();
        using var hessian = new HessianOperator(closure(), parameters);
        var g = hessian.Gradient();
        var product = new double[g.Length];
        hessian.Multiply(g, product);
        var value = TensorPrimitives.Dot<double>(g, product) / TensorPrimitives.SumOfSquares<double>(g);
        Send(ProbeKind.BatchSharpness, step, start, value, null, 1, true, examples);
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
