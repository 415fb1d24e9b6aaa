using TrainingMonitor.Evaluation.Clocks;
using TrainingMonitor.Evaluation.Grokking;
using TrainingMonitor.Evaluation.Instability;
using TrainingMonitor.Evaluation.Memorization;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Stability;

namespace TrainingMonitor.Evaluation;

/// <summary>The suites by name.</summary>
internal static class Suites
{
    /// <summary>The runs of a suite.</summary>
    /// <exception cref="ArgumentException">No such suite.</exception>
    public static IEnumerable<RecordingPlan> PlansOf(string suite) => suite switch
    {
        MemorizationSuite.Name => MemorizationSuite.Plans(),
        GrokkingSuite.Name => GrokkingSuite.Plans(),
        InstabilitySuite.Name => InstabilitySuite.Plans(),
        StabilitySuite.Name => StabilitySuite.Plans(),
        ClockSuite.Name => ClockSuite.Plans(),
        _ => throw new ArgumentException($"No suite is called {suite}.", nameof(suite)),
    };
}
