using System.Runtime.InteropServices;
using TrainingMonitor.TorchSharp.Native;
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
    private readonly Action<int> runChunk;
    private readonly List<Part> parts = [];
    private Chunk[] chunks = [];
    private double[] partial = [];
    private long elements;
    private int count;

    public FusedPass() => runChunk = RunChunk;

    /// <summary>Starts a new step.</summary>
    public void Clear()
    {
        parts.Clear();
        (elements, count) = (0, 0);
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

        var size = step.Parameter.Elements;
        var saved = rule.MustSaveUpdate && (step.SaveUpdate || step.HasPrevious) ? step.Parameter.EnsureSavedUpdate() : null;
        float* g = TensorMemory.Floats(step.Gradient, size), w = TensorMemory.Floats(step.Parameter.Tensor, size),
            m = TensorMemory.Floats(rule.First, size), v = TensorMemory.Floats(rule.Second, size), s = TensorMemory.Floats(saved, size);
        if (g == null || w == null || (rule.First is not null && m == null) || (rule.Second is not null && v == null) || (saved is not null && s == null))
        {
            return false;
        }

        parts.Add(new Part
        {
            Row = row,
            Kind = rule.Kind,
            HasPrevious = step.HasPrevious,
            Save = step.SaveUpdate && saved is not null,
            Gain = rule.ScalarGain,
            Adam = adam ? new AdamKernel.Constants(rule, step.PreviousRule) : default,
            Sgd = adam ? default : new SgdKernel.Constants(rule, step.PreviousRule),
            Gradient = g,
            Weight = w,
            First = m,
            Second = v,
            Saved = s,
        });
        for (long at = 0; at < size; at += ChunkElements)
        {
            if (count == chunks.Length)
            {
                Array.Resize(ref chunks, Math.Max(16, 2 * count));
            }

            chunks[count++] = new Chunk(parts.Count - 1, at, (int)Math.Min(ChunkElements, size - at));
        }

        elements += size;
        return true;
    }

    /// <summary>Runs all chunks and adds their sums to the rows.</summary>
    public void Run(double[] sums)
    {
        var needed = count * SumCount;
        if (partial.Length < needed)
        {
            partial = new double[needed];
        }

        Array.Clear(partial, 0, needed);
        TorchTeam.Run(count, elements >= ParallelElements ? get_num_threads() : 1, runChunk);
        for (var i = 0; i < count; i++)
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
        var chunk = chunks[index];
        ref readonly var p = ref CollectionsMarshal.AsSpan(parts)[chunk.Part];
        fixed (double* all = partial)
        {
            var sums = all + index * SumCount;
            if (p.Kind == RuleKind.Adam)
            {
                AdamKernel.Run(p.Gradient + chunk.At, p.Weight + chunk.At, p.First + chunk.At, p.Second + chunk.At, chunk.Count, p.Adam, p.HasPrevious, sums);
            }
            else
            {
                var buffered = p.Kind == RuleKind.HeavyBall;
                var previous = p.HasPrevious ? (buffered ? p.First : p.Saved) + chunk.At : null;
                SgdKernel.Run(p.Gradient + chunk.At, p.Weight + chunk.At, p.First == null ? null : p.First + chunk.At, previous, buffered,
                    p.Save ? p.Saved + chunk.At : null, chunk.Count, p.Sgd, sums);
                sums[(int)Sum.GainGradSq] = sums[(int)Sum.GradSq] * p.Gain;
            }
        }
    }

    private void Reduce(int index, double[] sums)
    {
        ref readonly var p = ref CollectionsMarshal.AsSpan(parts)[chunks[index].Part];
        var row = sums.AsSpan(p.Row * SumCount, SumCount);
        for (var k = 0; k < SumCount; k++)
        {
            row[k] += partial[index * SumCount + k];
        }

        var adam = p.Kind == RuleKind.Adam;
        Absent(row, Sum.GradPrevious, p.HasPrevious);
        Absent(row, Sum.Staleness, adam && p.HasPrevious);
        Absent(row, Sum.FirstSq, p.Kind != RuleKind.Sgd);
        Absent(row, Sum.SecondSum, adam);
        Absent(row, Sum.GateOpen, adam);
        Absent(row, Sum.GateTotal, adam);
    }

    private static void Absent(Span<double> row, Sum sum, bool present)
    {
        if (!present)
        {
            row[(int)sum] = double.NaN;
        }
    }

    /// <summary>One parameter: its rule and where its elements lie.</summary>
    private struct Part
    {
        public int Row;
        public RuleKind Kind;
        public bool HasPrevious, Save;
        public double Gain;
        public AdamKernel.Constants Adam;
        public SgdKernel.Constants Sgd;
        public float* Gradient, Weight, First, Second, Saved;
    }

    /// <summary>Elements of a part that one thread takes at a time.</summary>
    private readonly record struct Chunk(int Part, long At, int Count);
}
