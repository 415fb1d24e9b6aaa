using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>Sums over float32 tensors in the machine's own memory: one read of each element, on all cores where the model is large enough.
/// The order of additions is fixed, so that the same step gives the same sums.</summary>
internal sealed unsafe class FusedPass
{
    /// <summary>Elements a chunk: its four streams fit a core's second-level cache.</summary>
    private const int ChunkElements = 32 * 1024;

    /// <summary>Below this many elements a second thread costs more than it saves.</summary>
    private const long ParallelElements = 256 * 1024;

    private const int SumCount = (int)Sum.Count;
    private readonly List<Chunk> chunks = [];
    private double[] partial = [];
    private long elements;

    /// <summary>Starts a new step.</summary>
    public void Clear()
    {
        chunks.Clear();
        elements = 0;
    }

    /// <summary>Takes the parameter in, or says that it needs the general way.</summary>
    /// <param name="step">The parameter.</param>
    /// <param name="row">Where its sums go: row·<see cref="Sum.Count"/>.</param>
    public bool TryAdd(in ParameterStep step, int row)
    {
        var rule = step.Rule;
        var adam = rule.Kind == RuleKind.Adam && rule.Largest is null;
        if (!adam && rule.Kind is not (RuleKind.Sgd or RuleKind.HeavyBall or RuleKind.Nesterov))
        {
            return false;
        }

        var count = step.Parameter.Tensor.numel();
        var saved = rule.MustSaveUpdate && (step.SaveUpdate || step.HasPrevious) ? step.Parameter.EnsureSavedUpdate() : null;
        float* g = Pointer(step.Gradient, count), w = Pointer(step.Parameter.Tensor, count), m = Pointer(rule.First, count), v = Pointer(rule.Second, count);
        var s = Pointer(saved, count);
        if (g == null || w == null || (rule.First is not null && m == null) || (rule.Second is not null && v == null) || (saved is not null && s == null))
        {
            return false;
        }

        for (long at = 0; at < count; at += ChunkElements)
        {
            chunks.Add(new Chunk
            {
                Row = row,
                Rule = rule,
                Previous = step.PreviousRule,
                HasPrevious = step.HasPrevious,
                Save = step.SaveUpdate && saved is not null,
                Count = (int)Math.Min(ChunkElements, count - at),
                Gradient = (nint)(g + at),
                Weight = (nint)(w + at),
                First = m == null ? 0 : (nint)(m + at),
                Second = v == null ? 0 : (nint)(v + at),
                Saved = s == null ? 0 : (nint)(s + at),
            });
        }

        elements += count;
        return true;
    }

    /// <summary>Runs all chunks and adds their sums to the rows.</summary>
    public void Run(double[] sums)
    {
        var needed = chunks.Count * SumCount;
        if (partial.Length < needed)
        {
            partial = new double[needed];
        }

        Array.Clear(partial, 0, needed);
        if (elements >= ParallelElements && Environment.ProcessorCount > 1)
        {
            Parallel.For(0, chunks.Count, RunChunk);
        }
        else
        {
            for (var i = 0; i < chunks.Count; i++)
            {
                RunChunk(i);
            }
        }

        for (var i = 0; i < chunks.Count; i++)
        {
            Reduce(i, sums);
        }
    }

    /// <summary>Elements of a gradient that are NaN or infinite.</summary>
    public static long CountNonFinite(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        return gradient.isfinite().logical_not_().sum().item<long>();
    }

    private void RunChunk(int index)
    {
        var c = chunks[index];
        fixed (double* all = partial)
        {
            var sums = all + index * SumCount;
            if (c.Rule.Kind == RuleKind.Adam)
            {
                var constants = new AdamKernel.Constants(c.Rule, c.Previous);
                AdamKernel.Run((float*)c.Gradient, (float*)c.Weight, (float*)c.First, (float*)c.Second, c.Count, constants, c.HasPrevious, sums);
            }
            else
            {
                var buffered = c.Rule.Kind == RuleKind.HeavyBall;
                var previous = c.HasPrevious ? (float*)(buffered ? c.First : c.Saved) : null;
                SgdKernel.Run((float*)c.Gradient, (float*)c.Weight, (float*)c.First, previous, buffered, c.Save ? (float*)c.Saved : null, c.Count,
                    new SgdKernel.Constants(c.Rule, c.Previous), sums);
                sums[(int)Sum.GainGradSq] = sums[(int)Sum.GradSq] * c.Rule.ScalarGain;
            }
        }
    }

    private void Reduce(int index, double[] sums)
    {
        var c = chunks[index];
        for (var k = 0; k < SumCount; k++)
        {
            sums[c.Row * SumCount + k] += partial[index * SumCount + k];
        }

        var adam = c.Rule.Kind == RuleKind.Adam;
        Absent(Sum.GradPrevious, c.HasPrevious);
        Absent(Sum.Staleness, adam && c.HasPrevious);
        Absent(Sum.FirstSq, c.Rule.Kind != RuleKind.Sgd);
        Absent(Sum.SecondSum, adam);
        Absent(Sum.GateOpen, adam);
        Absent(Sum.GateTotal, adam);

        void Absent(Sum sum, bool present)
        {
            if (!present)
            {
                sums[c.Row * SumCount + (int)sum] = double.NaN;
            }
        }
    }

    /// <summary>The data of a contiguous float32 tensor in memory; null where it is anything else.</summary>
    internal static float* Pointer(Tensor? tensor, long count)
    {
        if (tensor is null || tensor.dtype != ScalarType.Float32 || tensor.device_type != global::TorchSharp.DeviceType.CPU
            || tensor.is_sparse || count != tensor.numel() || count * sizeof(float) > int.MaxValue || count == 0 || !tensor.is_contiguous())
        {
            return null;
        }

        // Native memory: it does not move, and the tensor is kept alive by the optimizer or the model until the pass is over.
        fixed (byte* p = tensor.bytes)
        {
            return (float*)p;
        }
    }

    private struct Chunk
    {
        public int Row, Count;
        public UpdateRule Rule, Previous;
        public bool HasPrevious, Save;
        public nint Gradient, Weight, First, Second, Saved;
    }
}
