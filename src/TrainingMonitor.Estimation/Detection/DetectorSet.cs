using TrainingMonitor.Estimation.Detection.Clocks;
using TrainingMonitor.Estimation.Detection.Grokking;
using TrainingMonitor.Estimation.Detection.Memorization;
using TrainingMonitor.Estimation.Detection.Operations;
using TrainingMonitor.Estimation.Detection.Stability;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Detection;

/// <summary>The detectors of a run.</summary>
public static class DetectorSet
{
    /// <summary>Creates the detectors of a run, in the order they are called and saved.</summary>
    public static Detector[] Create(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return
        [
            new NonFiniteDetector(),
            new DivergenceDetector(),
            new SpikePrecursorDetector(),
            new LossSpikeDetector(),
            new MemorizationDetector(),
            new GrokkingDetector(),
            new EdgeOfStabilityDetector(),
            new StalledDetector(),
            new RankDisagreementDetector(),
            new ClockDetector(),
        ];
    }
}
