namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>What is put on the losses of a null stream: a first-order autoregression, a jump at every epoch, a memorized floor with log-normal batches, heavy
/// tails. One a run.</summary>
internal sealed record LossShape
{
    private double level;

    /// <summary>Spread of an autoregression in the logarithm of the loss.</summary>
    public double Spread { get; init; }

    /// <summary>Its correlation from step to step.</summary>
    public double Correlation { get; init; }

    /// <summary>Law of what drives it.</summary>
    public NullLaw Law { get; init; } = NullLaw.Normal;

    /// <summary>Share of its loss that a run is lower at the end of an epoch than at its beginning.</summary>
    public double EpochDrop { get; init; }

    /// <summary>Share of the first loss that the loss decays to, with log-normal batches; 0: it stays as it is.</summary>
    public double MemorizedFloor { get; init; }

    /// <summary>Spread of the logarithm of memorized losses.</summary>
    public double LogSpread { get; init; }

    /// <summary>Time constant of the decay to the floor, steps.</summary>
    public double DecaySteps { get; init; } = 300;

    /// <summary>The loss as it is reported.</summary>
    /// <param name="loss">Loss of the linear model.</param>
    /// <param name="first">Its first loss.</param>
    /// <param name="step">Step.</param>
    /// <param name="epoch">Place in the epoch, 0 to 1.</param>
    /// <param name="random">Source.</param>
    public double Apply(double loss, double first, int step, double epoch, NullRandom random)
    {
        var drive = random.Of(Law);
        level = (Correlation * level) + (Math.Sqrt(1 - (Correlation * Correlation)) * drive);
        if (MemorizedFloor > 0)
        {
            var trend = MemorizedFloor + ((1 - MemorizedFloor) * Math.Exp(-step / DecaySteps));
            var share = 1 - Math.Exp(-step / DecaySteps);
            return first * trend * Math.Exp(LogSpread * share * level);
        }

        return loss * (1 - (EpochDrop * epoch)) * Math.Exp(Spread * level);
    }
}
