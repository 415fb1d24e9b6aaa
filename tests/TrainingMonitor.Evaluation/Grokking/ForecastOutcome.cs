namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>A forecast beside the truth.</summary>
/// <param name="Run">The run.</param>
/// <param name="Step">Forecast step of generalization.</param>
/// <param name="Low">Lower end of its 80% interval.</param>
/// <param name="High">Upper end.</param>
internal sealed record ForecastOutcome(GrokkingRun Run, double Step, double Low, double High)
{
    /// <summary>Whether the interval held.</summary>
    public bool Covers => Low <= Run.Truth.GeneralizedStep && Run.Truth.GeneralizedStep <= High;

    /// <summary>Steps that were left at the alarm.</summary>
    public double Left => Run.Truth.GeneralizedStep - Run.Alarm!.Step;

    /// <summary>|forecast − truth| as a share of the steps left.</summary>
    public double Error => Math.Abs(Step - Run.Truth.GeneralizedStep) / Left;

    /// <summary>Width of the interval as a share of the steps left.</summary>
    public double Width => (High - Low) / Left;

    /// <summary>What the detector said with its first alarm.</summary>
    public static ForecastOutcome Of(GrokkingRun run) =>
        new(run, run.Alarm!.Values["forecast_step"], run.Alarm.Values["forecast_low"], run.Alarm.Values["forecast_high"]);
}
