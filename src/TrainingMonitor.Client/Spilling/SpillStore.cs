using System.IO.Hashing;
using Google.Protobuf;
using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Spilling;

/// <summary>
/// Frames of one process on disk: a folder with the Hello, a lock and segments. What a process could not deliver stays there for the next one.
/// Not safe between threads.
/// </summary>
internal sealed class SpillStore : IDisposable
{
    private const string HelloName = "hello", LockName = "lock", Pattern = "*.spill";

    private readonly FileStream guard;
    private readonly long segmentBytes;
    private readonly List<SpillSegment> segments;
    private int made;

    private SpillStore(string folder, FileStream guard, Hello hello, long segmentBytes, List<SpillSegment> segments)
    {
        Folder = folder;
        Hello = hello;
        this.guard = guard;
        this.segmentBytes = segmentBytes;
        this.segments = segments;
        made = segments.Count;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The Hello of the process that made it.</summary>
    public Hello Hello { get; }

    /// <summary>Where segments go that cannot be read.</summary>
    public string DamagedFolder => Folder + ".damaged";

    /// <summary>True where records at the end were damaged; they are left out.</summary>
    public bool Damaged { get; private init; }

    /// <summary>Sequence of the oldest frame; 0 while empty.</summary>
    public ulong First => segments.Count > 0 ? segments[0].First : 0;

    /// <summary>Sequence of the newest frame; 0 while empty.</summary>
    public ulong Last => segments.Count > 0 ? segments[^1].Last : 0;

    /// <summary>Bytes of all segments.</summary>
    public long Bytes { get; private set; }

    /// <summary>Makes the folder of this process.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static SpillStore Create(string folder, Hello hello, long segmentBytes)
    {
        Directory.CreateDirectory(folder);
        var held = Lock(folder);
        WriteHello(folder, hello);
        return new(folder, held, hello, segmentBytes, []);
    }

    /// <summary>Opens what an earlier process left; null while another process holds it.</summary>
    /// <exception cref="InvalidDataException">Its Hello is damaged.</exception>
    public static SpillStore? TryOpen(string folder)
    {
        FileStream held;
        try
        {
            held = Lock(folder);
        }
        catch (IOException)
        {
            return null;
        }

        try
        {
            return Open(folder, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Appends frames that follow <see cref="Last"/>.</summary>
    /// <exception cref="IOException">The disk refused; nothing was appended.</exception>
    public void Append(IReadOnlyList<StoredFrame> frames)
    {
        if (segments.Count == 0 || segments[^1].Length >= segmentBytes)
        {
            segments.Add(SpillSegment.Create(Path.Combine(Folder, $"{++made:D6}.spill")));
        }

        var before = segments[^1].Length;
        segments[^1].Append(frames);
        Bytes += segments[^1].Length - before;
    }

    /// <summary>Reads a frame; false where it is not there.</summary>
    public bool TryRead(ulong sequence, out ReadOnlyMemory<byte> frame)
    {
        foreach (var segment in segments)
        {
            if (sequence <= segment.Last)
            {
                return segment.TryRead(sequence, out frame);
            }
        }

        frame = default;
        return false;
    }

    /// <summary>Writes what the frames kept were made with into the Hello.</summary>
    /// <exception cref="IOException">The disk refused; the Hello is as it was.</exception>
    public void Keep(Hello hello) => WriteHello(Folder, hello);

    /// <summary>The layer tables and descriptions among the frames of an earlier process; once.</summary>
    public IReadOnlyList<StoredFrame> TakeGrounds() => [.. segments.SelectMany(s => s.TakeGrounds())];

    /// <summary>The first sequence from this one on that can be read; <see cref="Last"/> + 1 where none can. Segments of those that cannot are kept aside when they go.</summary>
    public ulong NextReadable(ulong sequence)
    {
        foreach (var segment in segments.Where(s => s.Last >= sequence))
        {
            for (var s = Math.Max(sequence, segment.First); s <= segment.Last; s++)
            {
                try
                {
                    if (segment.TryRead(s, out _))
                    {
                        return s;
                    }

                    segment.IsDamaged = true;
                }
                catch (IOException)
                {
                    segment.IsDamaged = true;
                    break; // the file, not a record of it
                }
            }
        }

        return Last + 1;
    }

    /// <summary>What <see cref="First"/> will be after <see cref="Forget"/>.</summary>
    public ulong FirstAfter(ulong durable) => segments.Find(s => s.Last > durable)?.First ?? 0;

    /// <summary>Deletes the segments whose frames are all durable at the server.</summary>
    public void Forget(ulong durable)
    {
        while (segments.Count > 0 && segments[0].Last <= durable)
        {
            Bytes -= segments[0].Length;
            segments[0].Dispose();
            if (segments[0].IsDamaged)
            {
                Directory.CreateDirectory(DamagedFolder);
                File.Move(segments[0].Path, Path.Combine(DamagedFolder, Path.GetFileName(segments[0].Path)), overwrite: true);
            }
            else
            {
                File.Delete(segments[0].Path);
            }

            segments.RemoveAt(0);
        }
    }

    /// <summary>Deletes everything.</summary>
    public void Delete()
    {
        Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Lets go of the files and renames the folder, so that no later process sends them.</summary>
    public void SetAside()
    {
        Dispose();
        Directory.Move(Folder, Folder + ".refused");
    }

    /// <summary>Lets go of the files; they stay.</summary>
    public void Dispose()
    {
        segments.ForEach(s => s.Dispose());
        segments.Clear();
        guard.Dispose();
    }

    private static void WriteHello(string folder, Hello hello)
    {
        var bytes = hello.ToByteArray();
        var path = Path.Combine(folder, HelloName);
        File.WriteAllBytes(path + ".new", [.. Crc32.Hash(bytes), .. bytes]);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static FileStream Lock(string folder) => new(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static SpillStore Open(string folder, FileStream held)
    {
        var bytes = File.ReadAllBytes(Path.Combine(folder, HelloName));
        if (bytes.Length < 4 || !Crc32.Hash(bytes.AsSpan(4)).AsSpan().SequenceEqual(bytes.AsSpan(0, 4)))
        {
            throw new InvalidDataException($"{Path.Combine(folder, HelloName)} is damaged.");
        }

        var good = new List<SpillSegment>();
        var damaged = false;
        foreach (var path in Directory.GetFiles(folder, Pattern).Order(StringComparer.Ordinal))
        {
            var segment = SpillSegment.Open(path, out damaged);
            if (segment.Last != 0 && (good.Count == 0 || segment.First == good[^1].Last + 1))
            {
                good.Add(segment);
            }
            else
            {
                segment.Dispose();
                damaged = true;
            }

            if (damaged)
            {
                break;
            }
        }

        return new(folder, held, Hello.Parser.ParseFrom(bytes.AsSpan(4)), 0, good) { Damaged = damaged, Bytes = good.Sum(s => s.Length) };
    }
}
