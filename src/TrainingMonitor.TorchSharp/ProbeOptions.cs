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

    /// <summary>Computes the mean loss on part k = 0 … <see cref="Parts"/> − 1 of the training set, or of as much of it as the probes may look at; parts of one size,
    /// examples dealt to them at random. Takes the place of <see cref="Loss"/>. The iterations may use a few parts (<see cref="IterationParts"/>); <see cref="AllIterations"/> with
    /// all of them then give the eigenvalue. Where the parts are not the whole training set, it has the sampling error.</summary>
    public Func<int, Tensor>? LossPart { get; init; }

    /// <summary>Parts of <see cref="LossPart"/>.</summary>
    [Range(2, 1000)]
    public int Parts { get; init; } = 8;

    /// <summary>The first so many parts are what the Lanczos iterations look at; 0: all.</summary>
    [Range(0, 1000)]
    public int IterationParts { get; init; }

    /// <summary>Lanczos steps with all parts, from the sharp directions that the iterations have found.</summary>
    [Range(1, 1000)]
    public int AllIterations { get; init; } = 8;

    /// <summary>Examples behind <see cref="Loss"/> or all of <see cref="LossPart"/>.</summary>
    [Range(0, int.MaxValue)]
    public int Examples { get; init; }

    /// <summary>λ_max of the Hessian (needs <see cref="Loss"/>).</summary>
    public bool Sharpness { get; init; } = true;

    /// <summary>λ_max of P⁻¹H with the optimizer's preconditioner, for Adam, AdamW and RMSProp (needs <see cref="Loss"/>).</summary>
    public bool Preconditioned { get; init; } = true;

    /// <summary>gᵀHg/‖g‖² on the batch of the step (needs <see cref="BatchInfo.Reevaluate"/>), or its mean over <see cref="Batches"/> batches of <see cref="BatchLoss"/>.</summary>
    public bool BatchSharpness { get; init; } = true;

    /// <summary>Computes the mean loss of the k-th of several fresh batches, drawn at random in the size of training. One batch says little: with this the batch
    /// sharpness is a mean with a standard error.</summary>
    public Func<int, Tensor>? BatchLoss { get; init; }

    /// <summary>Batches of <see cref="BatchLoss"/> a probe.</summary>
    [Range(2, 10000)]
    public int Batches { get; init; } = 16;

    /// <summary>2/η_c, η_c the smallest learning rate at which the coming update would not lower the loss: for optimizers whose threshold is not known, and cheap on
    /// large models (about 5 forward passes and a copy of the weights; on the batch of the step where <see cref="BatchInfo.Reevaluate"/> is given, else on <see cref="Loss"/>).</summary>
    public bool CriticalSharpness { get; init; }

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
