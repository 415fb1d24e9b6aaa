using TrainingMonitor.TorchSharp.Clocks;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp;

/// <summary>A few training examples of a classifier that get wrong labels at random: they can only be learnt by heart, so that what the network knows of them is memorized.
/// Which ones, and their labels, follow from the size of the data set, the number of classes and a seed. Give the targets of each batch through <see cref="Relabel"/>,
/// set <see cref="WatchOptions.Canaries"/>, and give ids, outputs and those targets with each step (<see cref="BatchInfo.ExampleIds"/>, <see cref="BatchInfo.Outputs"/>,
/// <see cref="BatchInfo.Targets"/>).</summary>
/// <remarks>A label is drawn uniformly from the classes but the example's own. Of two classes from both: one that is always wrong would be no secret.</remarks>
public sealed class Canaries
{
    /// <summary>Share of the data set.</summary>
    public const double DefaultShare = 0.005;

    /// <summary>Fewest canaries: with less, memorization could not be told from luck at the alarm's level.</summary>
    public const int LeastCount = 16;

    private readonly Dictionary<long, int> places = [];
    private readonly int[] turns;

    /// <summary>Chooses the canaries.</summary>
    /// <param name="datasetSize">Training examples n; ids go from 0 to n − 1.</param>
    /// <param name="classes">Classes C, at least 2.</param>
    /// <param name="seed">Another seed, other canaries.</param>
    /// <param name="share">Their share of the examples; at least <see cref="LeastCount"/> are taken.</param>
    public Canaries(long datasetSize, int classes, int seed = 0, double share = DefaultShare)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(datasetSize, LeastCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        Classes = classes;
        var random = new SplitMix(SplitMix.Hash(seed, -1));
        var count = Math.Max(LeastCount, (long)Math.Round(share * datasetSize));

        // Floyd's sample without replacement: no list of all ids.
        for (var last = datasetSize - count; last < datasetSize; last++)
        {
            var id = random.Next(last + 1);
            places.Add(places.ContainsKey(id) ? last : id, places.Count);
        }

        Choices = classes > 2 ? classes - 1 : classes;
        turns = [.. Enumerable.Range(0, (int)count).Select(_ => classes - Choices + (int)random.Next(Choices))];
    }

    /// <summary>Classes C.</summary>
    public int Classes { get; }

    /// <summary>Labels that each is drawn from, K.</summary>
    public int Choices { get; }

    /// <summary>Canaries.</summary>
    public int Count => turns.Length;

    /// <summary>Ids of the canaries.</summary>
    public IReadOnlyCollection<long> Ids => places.Keys;

    /// <summary>The label an example is trained with.</summary>
    /// <param name="id">Index in the training set.</param>
    /// <param name="label">Its own label, 0 to C − 1.</param>
    public long LabelOf(long id, long label) => TryGetPlace(id, out var place) ? (label + turns[place]) % Classes : label;

    /// <summary>The targets of a batch with the canaries' labels: the same tensor where there is none among them, else a copy.</summary>
    /// <param name="ids">Index in the training set of each example, in batch order.</param>
    /// <param name="targets">Classes of the examples, [b].</param>
    public Tensor Relabel(ReadOnlySpan<long> ids, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.dim() != 1 || targets.shape[0] != ids.Length)
        {
            throw new ArgumentException($"{ids.Length} ids but targets [{string.Join(", ", targets.shape)}]: one class an example is wanted.", nameof(targets));
        }

        var any = false;
        foreach (var id in ids)
        {
            any |= places.ContainsKey(id);
        }

        if (!any)
        {
            return targets;
        }

        using var quiet = no_grad();
        using var whole = targets.to_type(ScalarType.Int64).cpu();
        var labels = whole.data<long>().ToArray();
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = LabelOf(ids[i], labels[i]);
        }

        return tensor(labels).to(targets.dtype).to(targets.device);
    }

    internal bool TryGetPlace(long id, out int place) => places.TryGetValue(id, out place);

    /// <summary>The label of its own of a canary that is trained with <paramref name="label"/>.</summary>
    internal long OwnLabel(int place, long label) => (label + Classes - turns[place]) % Classes;
}
