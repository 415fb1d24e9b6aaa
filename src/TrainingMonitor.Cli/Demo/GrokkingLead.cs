namespace TrainingMonitor.Cli.Demo;

/// <summary>How early grokking was announced.</summary>
/// <param name="AnnouncedStep">Step of the first alert that it is on its way.</param>
/// <param name="HeldOutAccuracyThen">Held-out accuracy at that step.</param>
/// <param name="HeldOut20Step">First step with held-out accuracy of at least 20%; null where it never came.</param>
/// <param name="LeadSteps">Steps between the two.</param>
public sealed record GrokkingLead(ulong AnnouncedStep, double? HeldOutAccuracyThen, ulong? HeldOut20Step, long? LeadSteps);
