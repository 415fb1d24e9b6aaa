namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Series">Series name.</param>
/// <param name="Label">Legend.</param>
/// <param name="Colour">Number of the colour in the palette of the style sheet, from 1.</param>
/// <param name="Dashed">Drawn dashed.</param>
/// <param name="Low">Series of the lower end of its interval; empty: the band shows smallest and largest of each bucket.</param>
/// <param name="High">Series of the upper end.</param>
public sealed record ChartLine(string Series, string Label, int Colour, bool Dashed = false, string Low = "", string High = "");
