namespace TrainingMonitor.Estimation.Input;

/// <summary>One evaluation of the examples withheld from training, before this step (<c>SentinelSums</c> of the wire contract). Fresh ones were never trained on.</summary>
/// <param name="Fresh">Losses of the fresh ones.</param>
/// <param name="Seen">Losses of those trained on before they were withheld.</param>
/// <param name="UnseenEpochs">Epochs for which all of the latter have not been trained on.</param>
/// <param name="ReferenceStep">Step of the evaluation whose fresh loss was lowest so far.</param>
/// <param name="Rise">Loss now minus loss at the reference, of those fresh at both; empty at the first evaluation.</param>
public sealed record SentinelSums(ValueSums Fresh, ValueSums Seen, long UnseenEpochs, long ReferenceStep, ValueSums Rise)
{
    /// <summary>The sums of two ranks together. Rises from different references do not add up: then those of the first.</summary>
    public SentinelSums Plus(SentinelSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SentinelSums(
            Fresh.Plus(other.Fresh),
            Seen.Plus(other.Seen),
            Seen.Count == 0 ? other.UnseenEpochs : other.Seen.Count == 0 ? UnseenEpochs : Math.Min(UnseenEpochs, other.UnseenEpochs),
            ReferenceStep,
            ReferenceStep == other.ReferenceStep ? Rise.Plus(other.Rise) : Rise);
    }
}
