namespace TrainingMonitor.Runs.State;

/// <summary>What a run counts of its accepted stream; part of its state, so equal after a replay.</summary>
public enum RunCounter
{
    /// <summary>Frames applied.</summary>
    FramesApplied,

    /// <summary>Steps applied.</summary>
    StepsApplied,

    /// <summary>Steps applied without all of their ranks.</summary>
    StepsPartial,

    /// <summary>Reports of a step that was closed before they came.</summary>
    LateReports,

    /// <summary>Steps of a rank of which some part never came.</summary>
    IncompleteSteps,

    /// <summary>Reports whose layer table is unknown (lost with the trainer's memory): their columns are left out.</summary>
    ReportsWithoutTable,

    /// <summary>Frames the trainer had to give up before the server held them.</summary>
    FramesLost,

    /// <summary>Values of whole steps that were NaN or infinite.</summary>
    NonFiniteValues,

    /// <summary>Steps in which ranks disagreed.</summary>
    RankDisagreements,

    /// <summary>Steps the trainer thinned away, as its goodbye says.</summary>
    StepsThinned,

    /// <summary>Inputs that could not be applied because of a defect; the rest goes on.</summary>
    InputsFailed,
}
