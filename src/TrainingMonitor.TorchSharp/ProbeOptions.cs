using System.ComponentModel.DataAnnotations;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp;

/// <summary>Curvature probes. They cost several backward passes each and leave no trace: random state, buffers, gradients, weights and
/// train/eval mode are as before.</summary>
public sealed record ProbeOptions
{
    /// <summary>Steps between probes.</summary>
    [Range(1, int.MaxValue)]
    public int Interval { get; init; } = 100;

    /// <summary>Computes the mean loss on a fixed set of training examples, without backward; the Hessian's eigenvalues are those of this loss.
    /// Null: no sharpness and no trace.</summary>
    public Func<Tensor>? Loss { get; init; }

    /// <summary>Examples behind <see cref="Loss"/>, for the reader.</summary>
    [Range(0, int.MaxValue)]
    public int Examples { get; init; }

    /// <summary>λ_max of the Hessian (needs <see cref="Loss"/>).</summary>
    public bool Sharpness { get; init; } = true;

    /// <summary>λ_max of P⁻¹H with the optimizer's preconditioner, for Adam, AdamW and RMSProp (needs <see cref="Loss"/>).</summary>
    public bool Preconditioned { get; init; } = true;

    /// <summary>gᵀHg/‖g‖² on the batch of the step (needs <see cref="BatchInfo.Reevaluate"/>).</summary>
    public bool BatchSharpness { get; init; } = true;

    /// <summary>Loss of the next batch before minus after the step (needs <see cref="BatchInfo.Reevaluate"/> at the next step; two forward passes and a copy of the weights).</summary>
    public bool NextBatchGain { get; init; } = true;

    /// <summary>Random vectors for the trace of the Hessian by Hutchinson's estimator; 0: no trace (needs <see cref="Loss"/>).</summary>
    [Range(0, 1000)]
    public int TraceVectors { get; init; }

    /// <summary>Largest number of Lanczos steps, one Hessian-vector product each.</summary>
    [Range(2, 1000)]
    public int Iterations { get; init; } = 20;

    /// <summary>Lanczos stops when the residual bound is below this share of the eigenvalue.</summary>
    [Range(1e-12, 1)]
    public double Tolerance { get; init; } = 1e-3;

    /// <summary>Puts the model in eval mode while probing <see cref="Loss"/>: no dropout, BatchNorm with its running statistics.</summary>
    public bool EvalMode { get; init; }

    /// <summary>Memory for the Lanczos basis in bytes; a large model gets fewer steps. Default 512 MiB.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long BasisBytes { get; init; } = 512L << 20;
}
