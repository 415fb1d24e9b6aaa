using System.Text.Json;

namespace TrainingMonitor.Storage.Backups;

/// <summary>What a backup holds. It is the last entry of the archive: an archive without it was cut off.</summary>
public sealed record BackupManifest
{
    /// <summary>Name of its entry.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The format that this program writes.</summary>
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Format of the archive.</summary>
    public int Format { get; init; }

    /// <summary>Program that wrote it.</summary>
    public string Program { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>Position of the newest record of the frame log in it.</summary>
    public long LogPosition { get; init; }

    /// <summary>All files but this one.</summary>
    public IReadOnlyList<BackupEntry> Entries { get; init; } = [];

    /// <summary>As its entry holds it.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is none, or of a newer program.</exception>
    public static BackupManifest Parse(ReadOnlySpan<byte> bytes)
    {
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(bytes, Json);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"its manifest cannot be read: {error.Message}", error);
        }

        return manifest switch
        {
            null => throw new InvalidDataException("its manifest is empty"),
            { Format: > CurrentFormat } => throw new InvalidDataException($"it has format {manifest.Format}, made by a newer program ({manifest.Program}); this one knows {CurrentFormat}"),
            _ => manifest,
        };
    }
}
