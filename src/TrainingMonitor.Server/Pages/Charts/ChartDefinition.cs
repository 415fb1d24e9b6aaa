namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>One chart of a run's page.</summary>
/// <param name="Id">Id of its element, and its key.</param>
/// <param name="Title">Heading.</param>
/// <param name="Unit">Unit of the y-axis.</param>
/// <param name="Help">One line that says how to read it.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Logarithmic">Logarithmic y-axis; values at or below zero are not drawn.</param>
/// <param name="Reference">A line drawn across at this value; NaN: none.</param>
/// <param name="ReferenceLabel">What the line means.</param>
/// <param name="OptIn">Of statistics that a run has only where it asks for them: shown where there is something to draw, and not missed elsewhere.</param>
public sealed record ChartDefinition(
    string Id,
    string Title,
    string Unit,
    string Help,
    IReadOnlyList<ChartLine> Lines,
    bool Logarithmic = false,
    double Reference = double.NaN,
    string ReferenceLabel = "",
    bool OptIn = false);
