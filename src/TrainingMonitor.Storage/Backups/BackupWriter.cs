using System.Formats.Tar;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Backups;

/// <summary>Copies a data folder while its server runs: docs/design/134. One at a time.</summary>
/// <param name="folder">The data folder.</param>
/// <param name="log">Its frame log.</param>
/// <param name="series">Its series.</param>
/// <param name="program">Name and version, for the manifest.</param>
/// <param name="time">Clock.</param>
public sealed class BackupWriter(string folder, FrameLog log, DuckDbSeriesStore series, string program, TimeProvider time)
{
    private int busy;

    /// <summary>Is told the name of each store when it has been copied.</summary>
    public IProgress<string>? Progress { get; set; }

    /// <summary>Removes copies that a killed server left.</summary>
    /// <exception cref="IOException">They cannot be removed.</exception>
    public void RemoveLeft() => Clear(Aside);

    private string Aside => Path.Combine(folder, "backup.tmp");

    /// <summary>Makes the copies, then asks for where they go and writes the archive there: what fails before is an error, and never half an archive.</summary>
    /// <param name="open">The target.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidOperationException">Another backup is being made.</exception>
    /// <exception cref="IOException">The disk has no room for the copies.</exception>
    public async Task<BackupManifest> WriteAsync(Func<Stream> open, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(open);
        if (Interlocked.Exchange(ref busy, 1) == 1)
        {
            throw new InvalidOperationException("Another backup is being made; ask again when it is done.");
        }

        var aside = Aside;
        try
        {
            // Nothing of the log goes until it is in the archive: what the older snapshots need is there.
            using var hold = log.Hold();
            Clear(aside);
            Directory.CreateDirectory(aside);
            await CopyAsync(aside, cancellationToken);
            return await ArchiveAsync(open(), aside, cancellationToken);
        }
        finally
        {
            Clear(aside);
            Volatile.Write(ref busy, 0);
        }
    }

    // The order matters. A snapshot is never newer than the series, which are never newer than what is taken for delivery, and all three are never newer than the log: so
    // each is copied before the next, and a start from the copies is a start after a kill.
    private async Task CopyAsync(string aside, CancellationToken cancellationToken)
    {
        CopySqlite("snapshots.db", aside);
        await series.CopyToAsync(Path.Combine(aside, "series.duckdb"), cancellationToken);
        Progress?.Report("series.duckdb");
        CopySqlite("notifications.db", aside);
        CopySqlite("tokens.db", aside);
        foreach (var path in Directory.GetFiles(folder, "audit*.jsonl"))
        {
            // A copy: the file may be turned over while the archive is on its way.
            File.Copy(path, Path.Combine(aside, Path.GetFileName(path)));
        }
    }

    private void CopySqlite(string name, string aside)
    {
        if (File.Exists(Path.Combine(folder, name)))
        {
            SqliteFiles.Copy(Path.Combine(folder, name), Path.Combine(aside, name));
            Progress?.Report(name);
        }
    }

    private async Task<BackupManifest> ArchiveAsync(Stream target, string aside, CancellationToken cancellationToken)
    {
        var entries = new List<BackupEntry>();
        await using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var path in Directory.GetFiles(aside).Order(StringComparer.Ordinal))
        {
            entries.Add(await AddAsync(tar, Path.GetFileName(path), path, new FileInfo(path).Length, cancellationToken));
        }

        var position = log.DurablePosition;
        foreach (var (path, length) in log.Files)
        {
            entries.Add(await AddAsync(tar, "log/" + Path.GetFileName(path), path, length, cancellationToken));
        }

        var manifest = new BackupManifest { Format = BackupManifest.CurrentFormat, Program = program, Created = time.GetUtcNow(), LogPosition = position, Entries = entries };
        using var last = new MemoryStream(manifest.ToBytes());
        await tar.WriteEntryAsync(Entry(BackupManifest.FileName, last), cancellationToken);
        return manifest;
    }

    private async Task<BackupEntry> AddAsync(TarWriter tar, string name, string path, long length, CancellationToken cancellationToken)
    {
        await using var stream = new MeasuredStream(path, length);
        await tar.WriteEntryAsync(Entry(name, stream), cancellationToken);
        return new BackupEntry(name, length, stream.Sha256());
    }

    private PaxTarEntry Entry(string name, Stream data) => new(TarEntryType.RegularFile, name)
    {
        DataStream = data, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite, ModificationTime = time.GetUtcNow(),
    };

    private static void Clear(string aside)
    {
        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
        }
    }
}
