using System.Security.Cryptography;

namespace TrainingMonitor.Storage.Backups;

/// <summary>The first bytes of a file that may still grow, hashed while they are read.</summary>
internal sealed class MeasuredStream(string path, long length) : Stream
{
    private readonly FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long at;

    public override bool CanRead => true;

    // The writer of the archive asks for the length where it can seek, and then reads from the start.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; } = length;

    public override long Position
    {
        get => at;
        set => throw new NotSupportedException();
    }

    /// <summary>Hash of what was read.</summary>
    public string Sha256() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public override int Read(byte[] buffer, int offset, int count) => Took(buffer.AsSpan(offset, count), file.Read(buffer, offset, (int)Math.Min(count, Length - at)));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Length - at)], cancellationToken);
        return Took(buffer.Span, count);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Took(Span<byte> buffer, int count)
    {
        if (count == 0 && at < Length && buffer.Length > 0)
        {
            throw new EndOfStreamException($"{file.Name} ends at {at} bytes, {Length} were there.");
        }

        hash.AppendData(buffer[..count]);
        at += count;
        return count;
    }
}
