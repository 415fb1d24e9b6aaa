namespace TrainingMonitor.Load.Testing.Load;

/// <summary>What a synthetic run does.</summary>
public enum Story
{
    /// <summary>It learns. No alert.</summary>
    Healthy,

    /// <summary>It learns its labels by heart from <see cref="StepStream.KnownFromPass"/> on, which its canaries tell, and has a step without a number now and then: alerts fire and resolve.</summary>
    Memorizing,
}
