namespace TrainingMonitor.Cli.Json;

/// <summary>A backup that was made, or restored.</summary>
/// <param name="Path">The archive, or the folder.</param>
/// <param name="Bytes">Bytes of its files.</param>
/// <param name="Files">Its files.</param>
/// <param name="Created">When it was made.</param>
/// <param name="LogPosition">Newest record of the frame log in it.</param>
public sealed record BackupJson(string Path, long Bytes, int Files, DateTimeOffset Created, long LogPosition);
