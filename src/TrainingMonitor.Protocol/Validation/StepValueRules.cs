using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of the values of a whole step. Losses, accuracies and rates may be anything, NaN too; counts and times must be finite and not negative.</summary>
internal static class StepValueRules
{
    /// <summary>Null, or why the values are refused.</summary>
    public static FrameError? Check(StepValues values, int report) =>
        Number(values.Tokens, report, "values.tokens")
        ?? Number(values.StepSeconds, report, "values.step_seconds")
        ?? Number(values.MonitorSeconds, report, "values.monitor_seconds")
        ?? Number(values.ZeroGradExamples, report, "values.zero_grad_examples")
        ?? Number(values.Epoch, report, "values.epoch")
        ?? Number(values.Samples, report, "values.samples")
        ?? Accuracy(values.Accuracy, report, "values.accuracy")
        ?? Accuracy(values.HeldOutAccuracy, report, "values.held_out_accuracy");

    /// <summary>Null, or why the sums are refused.</summary>
    public static FrameError? Check(LagSums lag, int report) =>
        (NumberRules.Count(lag.Count) is { } wrong ? Invalid($"steps.reports[{report}].lag.count", wrong) : null)
        ?? Number(lag.SumZ, report, "lag.sum_z")
        ?? Number(lag.SumZSq, report, "lag.sum_z_sq");

    private static FrameError? Number(double value, int report, string field) =>
        NumberRules.NonNegative(value) is { } wrong ? Invalid($"steps.reports[{report}].{field}", wrong) : null;

    private static FrameError? Accuracy(double value, int report, string field) =>
        value is >= 0 and <= 1 || double.IsNaN(value) ? null : Invalid($"steps.reports[{report}].{field}", $"{value}, a share between 0 and 1 is wanted");
}
