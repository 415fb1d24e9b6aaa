using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Conversion;

/// <summary>Copies the values of the whole step; absent stays NaN, and what was sent as NaN or infinite is marked.</summary>
internal static class StepValueConversion
{
    public static void Fill(StepInput target, StepValues values)
    {
        Set(target, StepValue.Loss, values.HasLoss, values.Loss);
        Set(target, StepValue.LearningRate, values.HasLearningRate, values.LearningRate);
        Set(target, StepValue.Accuracy, values.HasAccuracy, values.Accuracy);
        Set(target, StepValue.HeldOutLoss, values.HasHeldOutLoss, values.HeldOutLoss);
        Set(target, StepValue.HeldOutAccuracy, values.HasHeldOutAccuracy, values.HeldOutAccuracy);
        Set(target, StepValue.Tokens, values.HasTokens, values.Tokens);
        Set(target, StepValue.StepSeconds, values.HasStepSeconds, values.StepSeconds);
        Set(target, StepValue.MonitorSeconds, values.HasMonitorSeconds, values.MonitorSeconds);
        Set(target, StepValue.ZeroGradExamples, values.HasZeroGradExamples, values.ZeroGradExamples);
        Set(target, StepValue.ClipCoefficient, values.HasClipCoefficient, values.ClipCoefficient);
        Set(target, StepValue.Epoch, values.HasEpoch, values.Epoch);
        Set(target, StepValue.Samples, values.HasSamples, values.Samples);
    }

    private static void Set(StepInput target, StepValue which, bool has, double value)
    {
        if (!has)
        {
            return;
        }

        target[which] = value;
        if (!double.IsFinite(value))
        {
            target.NonFiniteValues |= 1u << (int)which;
        }
    }
}
