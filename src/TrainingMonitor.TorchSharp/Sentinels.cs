using TrainingMonitor.TorchSharp.Clocks;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp;

/// <summary>A small part of the training set that is withheld from the batches for a while, in turn, so that all of it is trained on in the end. The loss on those never trained on
/// is held-out loss; the watch measures it. Call <see cref="BeginEpoch"/> at the start of each epoch, leave out of the batches what <see cref="IsWithheld"/> says (or draw them from
/// <see cref="Filter"/>), and set <see cref="WatchOptions.Sentinels"/>.</summary>
/// <remarks>An example belongs to one of <see cref="SliceCount"/> slices, by a hash of its id. In turn w the slices w … w + k − 1 are withheld (k = <see cref="SentinelOptions.Slices"/>): the first
/// k are fresh from the start until each is released; those that come later were trained on before.</remarks>
public sealed class Sentinels
{
    private readonly int seed;
    private readonly long datasetSize;
    private readonly Canaries? canaries;
    private long latestTurn;

    /// <summary>Deals the examples to slices.</summary>
    /// <param name="datasetSize">Training examples n; ids go from 0 to n − 1.</param>
    /// <param name="losses">Loss of each of some examples, [k] for k ids, without reduction: called without gradients and in eval mode.</param>
    /// <param name="options">Options; null: 5% in five slices.</param>
    /// <param name="seed">Another seed, other slices.</param>
    /// <param name="canaries">Examples with random labels, which are never withheld.</param>
    public Sentinels(long datasetSize, Func<long[], Tensor> losses, SentinelOptions? options = null, int seed = 0, Canaries? canaries = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(datasetSize, 1);
        ArgumentNullException.ThrowIfNull(losses);
        Options = options ?? new SentinelOptions();
        WatchOptionsCheck.Validate(Options);
        (this.datasetSize, this.seed, this.canaries, Losses) = (datasetSize, seed, canaries, losses);
        SliceCount = Math.Max(Options.Slices + 1, (int)Math.Round(Options.Slices / Options.Share));
        EpochsATurn = Options.EpochsATurn > 0 ? Options.EpochsATurn
            : Options.PlannedEpochs > 0 ? Math.Max(1, Options.PlannedEpochs / (Options.Slices + 1))
            : 5;
    }

    /// <summary>Options.</summary>
    public SentinelOptions Options { get; }

    /// <summary>Slices of the whole data set.</summary>
    public int SliceCount { get; }

    /// <summary>Epochs between two turns.</summary>
    public int EpochsATurn { get; }

    /// <summary>The epoch that was begun last.</summary>
    public long Epoch { get; private set; }

    /// <summary>Turns so far.</summary>
    public long Turn => Epoch / EpochsATurn;

    /// <summary>Loss of each of some examples.</summary>
    internal Func<long[], Tensor> Losses { get; }

    /// <summary>Epochs for which all that are withheld now have not been trained on.</summary>
    internal long UnseenEpochs => Epoch - (Turn * EpochsATurn);

    /// <summary>An epoch begins (from 0): every few epochs another slice is withheld. Where a run is resumed, call it before the watch starts: what was released before is not fresh.</summary>
    public void BeginEpoch(long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        Epoch = epoch;
        latestTurn = Math.Max(latestTurn, Turn);
    }

    /// <summary>Whether an example is to be left out of the batches of this epoch.</summary>
    public bool IsWithheld(long id) => IsWithheldSlice(SliceOf(id)) && canaries?.TryGetPlace(id, out _) != true;

    /// <summary>The ids to train on in this epoch, in their order.</summary>
    public long[] Filter(IEnumerable<long> ids) => [.. ids.Where(id => !IsWithheld(id))];

    /// <summary>The examples withheld in this epoch, those never trained on first; at most as many as are looked at.</summary>
    internal (long[] Fresh, long[] Seen) Withheld()
    {
        List<long> fresh = [], seen = [];
        for (var id = 0L; id < datasetSize; id++)
        {
            if (IsWithheld(id))
            {
                (IsFresh(SliceOf(id)) ? fresh : seen).Add(id);
            }
        }

        var most = Options.MostExamples;
        return (Some(fresh, most), Some(seen, Math.Max(0, most - fresh.Count)));
    }

    private int SliceOf(long id) => (int)(SplitMix.Hash(seed, id) % (ulong)SliceCount);

    private bool IsWithheldSlice(int slice) => (((slice - Turn) % SliceCount) + SliceCount) % SliceCount < Options.Slices;

    // The first slices, until they are released for the first time.
    private bool IsFresh(int slice) => slice < Options.Slices && latestTurn <= slice;

    // The order of another hash: the same ones each time, and no matter how the data set is sorted.
    private long[] Some(List<long> ids, int most) => ids.Count <= most ? [.. ids] : [.. ids.OrderBy(id => SplitMix.Hash(seed + 1, id)).Take(most)];
}
