using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>The self term between exact steps: |own| times their ratio at the exact steps before. The term itself must not be held: it falls as a run
/// learns, so that a held one is too large, and that reads as harm. The ratio rises while a run learns; held, it errs towards silence.</summary>
internal struct HeldSelf
{
    /// <summary>Weight an exact step keeps: two to three long. A longer memory lags more, a shorter one carries one batch's noise over a whole interval.</summary>
    public const double Decay = 0.6;

    /// <summary>Largest share: above 1 the batch works against the momentum, as it does while a run memorizes; far above, own is next to nothing.</summary>
    public const double LargestShare = 3;

    private Ema self;
    private Ema own;
    private double age;

    /// <summary>Self over |own|, at most <see cref="LargestShare"/>. NaN before the first exact step.</summary>
    public readonly double Share => Of(self.Value, own.Value);

    /// <summary>Self over |own| from their averages.</summary>
    public static double Of(double self, double own) => own > 0 ? Math.Clamp(self / own, 0, LargestShare) : double.NaN;

    /// <summary>So many steps have passed.</summary>
    public void Advance(long steps) => age += Math.Max(1, steps);

    /// <summary>Takes an exact step; nothing where a term is not a number.</summary>
    public void Add(double selfTerm, double ownTerm)
    {
        if (Usable.Is(selfTerm) && Usable.Is(ownTerm))
        {
            self.Add(selfTerm, Decay);
            own.Add(Math.Abs(ownTerm), Decay);
            age = 0;
        }
    }

    /// <summary>The self term that goes with an own term; NaN where the last exact step lies more than max(16, 4 × interval) steps back.</summary>
    public readonly double For(double ownTerm, int exactInterval) => age <= Math.Max(16, 4L * exactInterval) ? Share * Math.Abs(ownTerm) : double.NaN;

    public readonly void Save(StateWriter writer)
    {
        self.Save(writer);
        own.Save(writer);
        writer.Write(age);
    }

    public static HeldSelf Load(ref StateReader reader) => new() { self = Ema.Load(ref reader), own = Ema.Load(ref reader), age = reader.ReadDouble() };
}
