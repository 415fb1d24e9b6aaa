namespace TrainingMonitor.Storage.Log.Files;

/// <summary>One half of the double buffer: encoded records in chunks, and who waits for them. Not thread-safe.</summary>
internal sealed class AppendBuffer
{
    private const int ChunkSize = 1 << 20;
    private const int KeptChunks = 32;
    private readonly List<Chunk> chunks = [];
    private readonly Stack<Chunk> spare = new();

    public HashSet<IFrameLogObserver> Observers { get; } = new(ReferenceEqualityComparer.Instance);

    public long Bytes { get; private set; }

    public long FirstPosition { get; private set; }

    public long LastPosition { get; private set; }

    public IReadOnlyList<Chunk> Chunks => chunks;

    /// <summary>Room for one record.</summary>
    public Span<byte> Add(int size, long position, IFrameLogObserver observer)
    {
        if (chunks.Count == 0 || chunks[^1].Data.Length - chunks[^1].Used < size)
        {
            chunks.Add(Rent(size));
        }

        var chunk = chunks[^1];
        var span = chunk.Data.AsSpan(chunk.Used, size);
        chunk.Used += size;
        Bytes += size;
        FirstPosition = FirstPosition == 0 ? position : FirstPosition;
        LastPosition = position;
        Observers.Add(observer);
        return span;
    }

    /// <summary>Adds the CRCs, which are kept off the callers' lock.</summary>
    public void Seal(uint salt)
    {
        foreach (var chunk in chunks)
        {
            for (var offset = 0; offset < chunk.Used;)
            {
                offset += RecordFormat.Seal(chunk.Data.AsSpan(offset, chunk.Used - offset), salt);
            }
        }
    }

    public void Clear()
    {
        foreach (var chunk in chunks)
        {
            if (chunk.Data.Length == ChunkSize && spare.Count < KeptChunks)
            {
                chunk.Used = 0;
                spare.Push(chunk);
            }
        }

        chunks.Clear();
        Observers.Clear();
        Bytes = 0;
        FirstPosition = 0;
        LastPosition = 0;
    }

    private Chunk Rent(int size) =>
        size <= ChunkSize && spare.TryPop(out var chunk) ? chunk : new Chunk(new byte[Math.Max(size, ChunkSize)]);

    internal sealed class Chunk(byte[] data)
    {
        public byte[] Data { get; } = data;

        public int Used { get; set; }
    }
}
