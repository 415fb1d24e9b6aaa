using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Backups;

/// <summary>Reads backups back. An archive is judged whole, and each file by its hash and by its store, before anything is where a server would find it.</summary>
public static partial class BackupReader
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Restores into a folder that is not there yet, or empty.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="folder">The new data folder.</param>
    /// <param name="cancellationToken">Gives up; nothing is left.</param>
    /// <exception cref="InvalidDataException">The archive is damaged, cut off or none; the message says where.</exception>
    /// <exception cref="IOException">The folder is in use, or the disk full.</exception>
    public static async Task<BackupManifest> RestoreAsync(Stream archive, string folder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(archive);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new IOException($"{folder} is not empty: a backup is restored into a new folder.");
        }

        var aside = folder + ".restoring";
        Clear(aside);
        try
        {
            MakeFolder(aside);
            var manifest = await UnpackAsync(archive, aside, cancellationToken);
            await CheckAsync(aside, manifest, cancellationToken);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder);
            }

            Directory.Move(aside, folder);
            return manifest;
        }
        finally
        {
            Clear(aside);
        }
    }

    /// <summary>Reads an archive through and judges its files by their hashes; writes nothing.</summary>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static Task<BackupManifest> VerifyAsync(Stream archive, CancellationToken cancellationToken) => UnpackAsync(archive, null, cancellationToken);

    private static async Task<BackupManifest> UnpackAsync(Stream archive, string? folder, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, BackupEntry>(StringComparer.Ordinal);
        BackupManifest? manifest = null;
        try
        {
            await using var tar = new TarReader(archive, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                // Names are ours alone: an archive from elsewhere writes nothing outside of the folder.
                if (entry.EntryType is not TarEntryType.RegularFile || !KnownName().IsMatch(entry.Name) || found.ContainsKey(entry.Name) || manifest is not null)
                {
                    throw new InvalidDataException($"it holds \"{entry.Name}\", which is no part of a backup");
                }

                if (entry.Name == BackupManifest.FileName)
                {
                    using var bytes = new MemoryStream();
                    await (entry.DataStream ?? Stream.Null).CopyToAsync(bytes, cancellationToken);
                    manifest = BackupManifest.Parse(bytes.ToArray());
                    continue;
                }

                found.Add(entry.Name, await CopyAsync(entry, folder, cancellationToken));
            }
        }
        catch (Exception error) when (error is FormatException or EndOfStreamException)
        {
            throw new InvalidDataException($"it is damaged or cut off: {error.Message}", error);
        }

        if (manifest is null)
        {
            throw new InvalidDataException("it has no manifest at its end: it was cut off, or is no backup");
        }

        foreach (var entry in manifest.Entries)
        {
            if (!found.Remove(entry.Name, out var there) || there != entry)
            {
                throw new InvalidDataException(there is null ? $"{entry.Name} is missing" : $"{entry.Name} is damaged: its hash is not the manifest's");
            }
        }

        return found.Count == 0 ? manifest : throw new InvalidDataException($"{found.Keys.First()} is not in its manifest");
    }

    private static async Task<BackupEntry> CopyAsync(TarEntry entry, string? folder, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = folder is null ? Stream.Null : Create(Path.Combine(folder, entry.Name));
        var source = entry.DataStream ?? Stream.Null;
        var buffer = new byte[1 << 16];
        long bytes = 0;
        for (int count; (count = await source.ReadAsync(buffer, cancellationToken)) > 0; bytes += count)
        {
            hash.AppendData(buffer, 0, count);
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        if (target is FileStream file)
        {
            file.Flush(flushToDisk: true);
        }

        return new BackupEntry(entry.Name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    // Opened as the server will open them.
    private static async Task CheckAsync(string folder, BackupManifest manifest, CancellationToken cancellationToken)
    {
        foreach (var path in Directory.GetFiles(folder, "*.db"))
        {
            if (SqliteFiles.Problem(path) is { } problem)
            {
                throw new InvalidDataException($"{Path.GetFileName(path)} is damaged: {problem}");
            }
        }

        await using (var series = DuckDbSeriesStore.Open(new DuckDbOptions { Path = Path.Combine(folder, "series.duckdb") }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System))
        {
            if (series.MovedAside is not null)
            {
                throw new InvalidDataException("series.duckdb is damaged");
            }

            await series.ListRunsAsync("", 1, cancellationToken);
        }

        await using var log = FrameLog.Open(new FrameLogOptions { Folder = Path.Combine(folder, "log") }, NullLogger<FrameLog>.Instance, TimeProvider.System);
        var last = log.Read(log.FirstPosition).Aggregate(0L, (newest, record) => Math.Max(newest, record.Position));
        if (log.Damage is [var damage, ..])
        {
            throw new InvalidDataException($"the frame log is damaged: {damage.Description}");
        }

        if (last < manifest.LogPosition)
        {
            throw new InvalidDataException($"the frame log ends at position {last}, before {manifest.LogPosition}");
        }
    }

    private static FileStream Create(string path)
    {
        MakeFolder(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Private;
        }

        return new FileStream(path, options);
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, Private | UnixFileMode.UserExecute);
        }
    }

    private static void Clear(string aside)
    {
        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    [GeneratedRegex(@"^(snapshots\.db|series\.duckdb|notifications\.db|tokens\.db|audit(\.\d{1,4})?\.jsonl|log/\d{20}\.log|manifest\.json)\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KnownName();
}
