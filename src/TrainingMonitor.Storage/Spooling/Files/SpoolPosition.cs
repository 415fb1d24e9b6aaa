using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Spooling.Files;

/// <summary>How far the reader has come, in a file of 12 bytes. Not synced: should it be lost or behind, batches are sent again, which changes nothing at the server.</summary>
internal sealed class SpoolPosition : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly byte[] bytes = new byte[12];

    private SpoolPosition(SafeFileHandle handle) => this.handle = handle;

    /// <summary>Sequence up to which the reader is done; 0: not known.</summary>
    public long Value { get; private set; }

    public static SpoolPosition Open(string folder)
    {
        var position = new SpoolPosition(File.OpenHandle(Path.Combine(folder, "position"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        if (RandomAccess.Read(position.handle, position.bytes, 0) == 12
            && BinaryPrimitives.ReadUInt32LittleEndian(position.bytes.AsSpan(8)) == Crc32C.Compute(position.bytes.AsSpan(0, 8)))
        {
            position.Value = BinaryPrimitives.ReadInt64LittleEndian(position.bytes);
        }

        return position;
    }

    public void Set(long sequence)
    {
        Value = sequence;
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Compute(bytes.AsSpan(0, 8)));
        RandomAccess.Write(handle, bytes, 0);
    }

    public void Dispose() => handle.Dispose();
}
