using TrainingMonitor.Evaluation.Training;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>A fault in one run.</summary>
internal sealed class RunningFault
{
    private readonly Fault fault;
    private readonly SupervisedData data;
    private readonly long[] quiet;
    private readonly Random random;

    public RunningFault(Fault fault, SupervisedData data, int seed)
    {
        (this.fault, this.data) = (fault, data);
        random = new Random(seed + 3000);
        Start = fault.From + random.Next(fault.Spread + 1);
        quiet = fault.Quiet is null ? [] : [.. Enumerable.Range(0, data.Count).Select(i => (long)i).Where(i => fault.Quiet(data, i))];
    }

    /// <summary>First step of the fault.</summary>
    public int Start { get; }

    /// <summary>Ids that were drawn before the fault, at most so many; null: any.</summary>
    public long[]? Known(int count) => quiet.Length == 0 ? null : quiet[..Math.Min(count, quiet.Length)];

    /// <summary>Factor of the learning rate.</summary>
    public double RateFactor(int step) => step >= Start && fault.Rate is not null ? fault.Rate(step - Start) : 1;

    /// <summary>The ids of a batch: before the fault quiet examples only.</summary>
    public long[] Choose(long[] ids, int step) =>
        quiet.Length == 0 || step >= Start ? ids : Array.ConvertAll(ids, _ => quiet[random.Next(quiet.Length)]);

    /// <summary>The batch as the network sees it.</summary>
    public (Tensor Inputs, Tensor Targets) Spoil(Tensor inputs, Tensor targets, int step)
    {
        if (step < Start || step >= Start + fault.SpoiltSteps)
        {
            return (inputs, targets);
        }

        return fault.Spoiling switch
        {
            Spoiling.Labels => (inputs, data.IsClassification ? (targets + 1).remainder(targets.max() + 1) : targets * -10),
            Spoiling.Garbage => (randn_like(inputs) * 10, targets),
            Spoiling.Overflow => (randn_like(inputs) * 1e30, targets),
            Spoiling.NaN => (inputs.clone().index_put_(float.NaN, TensorIndex.Single(0), TensorIndex.Single(0)), targets),
            _ => (inputs, targets),
        };
    }
}
