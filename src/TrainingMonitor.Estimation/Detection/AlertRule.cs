namespace TrainingMonitor.Estimation.Detection;

/// <summary>What is the same in every finding of a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Severity">Its severity.</param>
/// <param name="Statistic">Series name of the statistic it decides on.</param>
/// <param name="FalseAlarmControl">What is promised about false alarms, in words.</param>
/// <param name="Advice">What a person can do.</param>
public sealed record AlertRule(
    DetectionRule Rule, FindingSeverity Severity, string Statistic, string FalseAlarmControl, string Advice);
