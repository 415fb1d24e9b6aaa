namespace TrainingMonitor.TorchSharp.Native;

/// <summary>What the mend did.</summary>
/// <param name="Outcome">Kind of result.</param>
/// <param name="Path">The file, where there is one.</param>
/// <param name="Message">One sentence for a person.</param>
public sealed record MendResult(MendOutcome Outcome, string Path, string Message);
