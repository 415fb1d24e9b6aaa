using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>One file of the log. It starts with two equal copies of a header: magic, version, salt, first position, 0, CRC-32C.</summary>
internal sealed class Segment(string path, long firstPosition, uint salt, long durableLength)
{
    public const int HeaderSize = 64;
    public const string Extension = ".log";
    private const int CopySize = 32;
    private const uint Version = 1;
    private long length = durableLength;
    private bool damaged;

    public string Path { get; } = path;

    public long FirstPosition { get; } = firstPosition;

    public uint Salt { get; } = salt;

    /// <summary>Bytes known to be durable.</summary>
    public long DurableLength
    {
        get => Volatile.Read(ref length);
        set => Volatile.Write(ref length, value);
    }

    /// <summary>Set once a reader has found damage: such a file is never deleted.</summary>
    public bool Damaged
    {
        get => Volatile.Read(ref damaged);
        set => Volatile.Write(ref damaged, value);
    }

    /// <summary>A write has failed in it: it gets no more.</summary>
    public bool Abandoned { get; set; }

    public static string FileName(long firstPosition) => firstPosition.ToString("D20", CultureInfo.InvariantCulture) + Extension;

    /// <summary>Position in the name of a segment; −1: another file.</summary>
    public static long ParseFileName(string path) =>
        long.TryParse(System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : -1;

    /// <summary>A new segment; the header is for the caller to write.</summary>
    public static Segment Create(string folder, long firstPosition) =>
        new(System.IO.Path.Combine(folder, FileName(firstPosition)), firstPosition, (uint)RandomNumberGenerator.GetInt32(int.MaxValue), 0);

    public byte[] Header()
    {
        var header = new byte[HeaderSize];
        "TMLOGSEG"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Salt);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), FirstPosition);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28), Crc32C.Compute(header.AsSpan(0, 28)));
        header.AsSpan(0, CopySize).CopyTo(header.AsSpan(CopySize));
        return header;
    }

    /// <summary>Opens by the first intact copy of the header. Null: neither is, or the version is not this one.</summary>
    public static Segment? Open(string path)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (RandomAccess.Read(handle, header, 0) < HeaderSize)
        {
            return null;
        }

        for (var offset = 0; offset < HeaderSize; offset += CopySize)
        {
            var copy = header.Slice(offset, CopySize);
            if (copy.StartsWith("TMLOGSEG"u8)
                && BinaryPrimitives.ReadUInt32LittleEndian(copy[28..]) == Crc32C.Compute(copy[..28])
                && BinaryPrimitives.ReadUInt32LittleEndian(copy[8..]) == Version)
            {
                return new Segment(
                    path,
                    BinaryPrimitives.ReadInt64LittleEndian(copy[16..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(copy[12..]),
                    RandomAccess.GetLength(handle));
            }
        }

        return null;
    }
}
