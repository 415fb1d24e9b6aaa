using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Buffering;

/// <summary>Where the training thread leaves its reports: a stamp, a size and a place in a list, behind a lock that is never held while working. Bounded.</summary>
internal sealed class Intake(TimeProvider time, long maxBytes, Func<long> room)
{
    private readonly Lock gate = new();
    private readonly Stamps stamps = new(time);
    private List<IMessage> waiting = [];
    private List<IMessage> spare = [];
    private PairGate pairs;
    private long bytes;
    private uint tableVersion;
    private uint pairInterval;
    private bool closed;

    /// <summary>Set when something waits.</summary>
    public Signal Arrived { get; } = new();

    /// <summary>Nothing more is taken.</summary>
    public bool IsClosed => Volatile.Read(ref closed);

    /// <summary>Steps dropped because a buffer was full.</summary>
    public long Dropped
    {
        get
        {
            lock (gate)
            {
                return pairs.Dropped;
            }
        }
    }

    /// <summary>Bytes that wait, roughly.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Takes a step; false where it was dropped for want of room.</summary>
    public bool Add(StepReport report)
    {
        var size = SizeOf(report);
        lock (gate)
        {
            if (closed)
            {
                return true;
            }

            var used = bytes + size;
            var left = Math.Min(maxBytes, room()) - used;
            if (!pairs.Admit(report.Step, pairInterval, left >= 2 * size, left >= 0, out var broken))
            {
                return false;
            }

            report.PairInvalid |= broken;
            report.TimeUnixNs = stamps.Next(report.TimeUnixNs);
            if (report.LayerTableVersion == 0 && report.Columns.Count > 0)
            {
                report.LayerTableVersion = tableVersion;
            }

            Enqueue(report, size);
            return true;
        }
    }

    /// <summary>Takes a probe or scalars; false where there is no room.</summary>
    public bool Add(IMessage message, int size)
    {
        lock (gate)
        {
            if (closed)
            {
                return true;
            }

            if (Math.Min(maxBytes, room()) - bytes < size)
            {
                return false;
            }

            switch (message)
            {
                case ProbeResult probe: probe.TimeUnixNs = stamps.Next(probe.TimeUnixNs); break;
                case LogScalars scalars: scalars.TimeUnixNs = stamps.Next(scalars.TimeUnixNs); break;
                default: break;
            }

            Enqueue(message, size);
            return true;
        }
    }

    /// <summary>Takes a layer table: always, since nothing after it can be read without it. Version 0 becomes the next one.</summary>
    public void Add(LayerTable table)
    {
        lock (gate)
        {
            if (!closed)
            {
                table.Version = tableVersion = table.Version == 0 ? tableVersion + 1 : table.Version;
                Enqueue(table, table.CalculateSize());
            }
        }
    }

    /// <summary>Takes a description: always.</summary>
    public void Add(RunDescription description)
    {
        lock (gate)
        {
            pairInterval = description.Schedule?.PairInterval ?? pairInterval;
            if (!closed)
            {
                Enqueue(description, description.CalculateSize());
            }
        }
    }

    /// <summary>The schedule in force at the start.</summary>
    public void Expect(Schedule? schedule) => pairInterval = schedule?.PairInterval ?? 0;

    /// <summary>Takes the goodbye and nothing after it. False where it was closed before.</summary>
    public bool Close(Goodbye? goodbye)
    {
        lock (gate)
        {
            if (closed)
            {
                return false;
            }

            if (goodbye is not null)
            {
                goodbye.TimeUnixNs = stamps.Next(0);
                goodbye.StepsThinned += (ulong)pairs.Dropped;
                Enqueue(goodbye, 64);
            }

            closed = true;
            Arrived.Set();
            return true;
        }
    }

    /// <summary>Hands over what waits, in order; the list is valid until the next call. Second: nothing will come any more.</summary>
    public (List<IMessage> Messages, bool Closed) Take()
    {
        lock (gate)
        {
            spare.Clear();
            (waiting, spare) = (spare, waiting);
            bytes = 0;
            return (spare, closed);
        }
    }

    private static int SizeOf(StepReport report)
    {
        var size = 160;
        for (var i = 0; i < report.Columns.Count; i++)
        {
            var column = report.Columns[i];
            size += 8 + (column.ValuesCase == Column.ValuesOneofCase.Float32 ? column.Float32.Length : column.Float64.Length);
        }

        return size;
    }

    private void Enqueue(IMessage message, int size)
    {
        waiting.Add(message);
        bytes += size;
        if (waiting.Count == 1)
        {
            Arrived.Set();
        }
    }
}
