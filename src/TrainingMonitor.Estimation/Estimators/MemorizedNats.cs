using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Fresh gain summed over the segment, F, and memorized nats M = train drop − F. The loss of a batch before its step plus F stays level while
/// every nat the training loss loses is gained on other examples too; so with x_t = loss_t + F_t, M = (mean of the first x) − (average of the
/// latest x): loss and gain are smoothed alike and no lag between them passes for memorization.</summary>
internal struct MemorizedNats
{
    /// <summary>Pairs the reference level is the mean of.</summary>
    public const int ReferencePairs = 20;

    /// <summary>Weight a pair keeps in the latest level: 25 pairs long.</summary>
    public const double Decay = 0.96;

    private double fresh;
    private double before;
    private double reference;
    private double referenceCount;
    private Ema level;

    /// <summary>Fresh gain so far, nats; NaN before the first pair.</summary>
    public readonly double Fresh => referenceCount > 0 ? fresh : double.NaN;

    /// <summary>Memorized nats so far; NaN before the first pair.</summary>
    public readonly double Value => referenceCount > 0 ? before + (reference / referenceCount) - level.Value : double.NaN;

    /// <summary>Adds the gain of a pair, times the updates it stands for, and the loss before the step that closed the pair.</summary>
    public void Add(double gain, double updates, double loss)
    {
        // The first pair only sets the level: its update came before the first loss known.
        fresh += referenceCount > 0 ? gain * updates : 0;
        var x = loss + fresh;
        if (referenceCount < ReferencePairs)
        {
            reference += x;
            referenceCount++;
        }

        level.Add(x, Decay);
    }

    /// <summary>Steps in between are unknown: what the loss did there is not counted; M goes on from where it stands.</summary>
    public void Break()
    {
        if (referenceCount > 0)
        {
            before = Value;
            (reference, referenceCount, level) = (0, 0, default);
        }
    }

    public readonly void Save(StateWriter writer)
    {
        writer.Write([fresh, before, reference, referenceCount]);
        level.Save(writer);
    }

    public void Load(ref StateReader reader)
    {
        Span<double> v = stackalloc double[4];
        reader.Read(v);
        (fresh, before, reference, referenceCount) = (v[0], v[1], v[2], v[3]);
        level = Ema.Load(ref reader);
    }
}
