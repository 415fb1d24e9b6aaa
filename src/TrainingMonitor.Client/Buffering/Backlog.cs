using TrainingMonitor.Client.Speaking;
using TrainingMonitor.Client.Spilling;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Buffering;

/// <summary>
/// The frames that the server has not made durable: the oldest on disk, the newest in memory. Disk holds the older ones so that what a killed process
/// leaves behind has no hole. Safe between threads.
/// </summary>
internal sealed partial class Backlog : IDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, ReadOnlyMemory<byte>> memory = [];
    private readonly int memoryLimit;
    private readonly Func<SpillStore>? create;
    private readonly Speaker speaker;
    private SpillStore? spill;
    private bool spillFailed;
    private long memoryBytes, diskBytes;
    private readonly Grounds grounds;
    private ulong memoryFirst = 1, newest, durable, givenUpTo;
    private long openedAt;

    /// <summary>The backlog of this process.</summary>
    public Backlog(Hello hello, int memoryLimit, Func<SpillStore>? create, Speaker speaker)
    {
        Hello = hello;
        grounds = new(hello);
        this.memoryLimit = memoryLimit;
        this.create = create;
        this.speaker = speaker;
        spillFailed = create is null;
    }

    /// <summary>What an earlier process left.</summary>
    public Backlog(SpillStore left, Speaker speaker)
        : this(left.Hello, int.MaxValue, create: null, speaker)
    {
        spill = left;
        newest = left.Last;
        memoryFirst = left.Last + 1;
        durable = left.First == 0 ? 0 : left.First - 1;
        diskBytes = left.Bytes;
        foreach (var frame in left.TakeGrounds())
        {
            grounds.Note(frame);
        }

        IsComplete = true;
    }

    /// <summary>Who sends it: the Hello of its process.</summary>
    public Hello Hello { get; }

    /// <summary>Set when there is a new frame, or the last.</summary>
    public Signal Grown { get; } = new();

    /// <summary>No frame will be added.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Bytes held, in memory and on disk.</summary>
    public long Bytes => Volatile.Read(ref memoryBytes) + DiskBytes;

    /// <summary>Bytes on disk.</summary>
    public long DiskBytes => Volatile.Read(ref diskBytes);

    /// <summary>False once the disk has refused.</summary>
    public bool CanSpill => !Volatile.Read(ref spillFailed);

    /// <summary>Newest sequence; 0 before the first.</summary>
    public ulong Newest
    {
        get
        {
            lock (gate)
            {
                return newest;
            }
        }
    }

    /// <summary>Oldest sequence that can be sent; newest + 1 where there is none.</summary>
    public ulong Oldest
    {
        get
        {
            lock (gate)
            {
                return OldestKept();
            }
        }
    }

    /// <summary>Newest sequence that the server has made durable.</summary>
    public ulong Durable
    {
        get
        {
            lock (gate)
            {
                return durable;
            }
        }
    }

    /// <summary>Complete, and the server has made all of it durable.</summary>
    public bool IsDelivered
    {
        get
        {
            lock (gate)
            {
                return IsComplete && durable >= newest;
            }
        }
    }

    /// <summary>The Hello that opens a stream now.</summary>
    public Hello Opening(long timeUnixNs)
    {
        lock (gate)
        {
            // Never above newest + 1, also while nothing has been made.
            var oldest = Math.Min(OldestKept(), newest + 1);
            grounds.Settle(oldest);
            var hello = grounds.Opening();
            // The server knows by it which of two streams is the newer, also when the clock was set back between them.
            openedAt = Math.Max(openedAt + 1, timeUnixNs);
            (hello.OldestSequence, hello.NewestSequence, hello.TimeUnixNs) = (oldest, newest, openedAt);
            return hello;
        }
    }

    /// <summary>Adds frames that follow each other.</summary>
    public void Append(List<StoredFrame> frames)
    {
        lock (gate)
        {
            foreach (var frame in frames)
            {
                memory.Add(frame.Sequence, frame.Bytes);
                memoryBytes += frame.Bytes.Length;
                newest = frame.Sequence;
                grounds.Note(frame);
            }

            if (memoryBytes > memoryLimit)
            {
                Spill();
            }
        }

        Grown.Set();
    }

    /// <summary>Says that no frame will be added.</summary>
    public void Complete()
    {
        IsComplete = true;
        Grown.Set();
    }

    /// <summary>Reads a frame; false where it is not there.</summary>
    public bool TryRead(ulong sequence, out ReadOnlyMemory<byte> frame)
    {
        lock (gate)
        {
            try
            {
                return memory.TryGetValue(sequence, out frame) || (spill is not null && spill.TryRead(sequence, out frame));
            }
            catch (IOException e)
            {
                speaker.Once("spill read", $"frames on disk cannot be read: {e.Message}");
                frame = default;
                return false;
            }
        }
    }

    /// <summary>The server has made all frames up to here durable.</summary>
    public void Acknowledge(ulong upTo)
    {
        lock (gate)
        {
            durable = Math.Max(durable, Math.Min(upTo, newest));
            for (; memoryFirst <= durable; memoryFirst++)
            {
                if (memory.Remove(memoryFirst, out var bytes))
                {
                    memoryBytes -= bytes.Length;
                }
            }

            try
            {
                Forget();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                speaker.Once("spill delete", $"delivered frames cannot be deleted from disk: {e.Message}");
            }

            diskBytes = spill?.Bytes ?? 0;
        }
    }
}
