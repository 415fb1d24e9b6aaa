namespace TrainingMonitor.Storage.Log;

/// <summary>Bytes of the log that could not be read.</summary>
/// <param name="Path">The segment, or where it was moved.</param>
/// <param name="Offset">First unreadable byte.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Description">What was found and what was done.</param>
public sealed record FrameLogDamage(string Path, long Offset, long Length, string Description);
