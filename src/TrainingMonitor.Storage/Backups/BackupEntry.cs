namespace TrainingMonitor.Storage.Backups;

/// <summary>A file of a backup.</summary>
/// <param name="Name">Path in the data folder, with '/'.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Sha256">Hash of its bytes, hexadecimal.</param>
public sealed record BackupEntry(string Name, long Bytes, string Sha256);
