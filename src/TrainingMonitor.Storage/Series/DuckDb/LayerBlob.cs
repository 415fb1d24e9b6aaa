using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>One series of one window for all layers, packed: flags (bit 0: one plane of values stands for min, max, mean and last; bit 1: counts are all
/// 1 or 0 in a byte; bit 2: non-finite counts follow), 3 zero bytes, layer count, planes of float32, counts (bytes or int32), non-finite counts (int32).
/// Little endian.</summary>
internal static class LayerBlob
{
    private const byte OnePlane = 1;
    private const byte ByteCounts = 2;
    private const byte HasNonFinite = 4;
    private const int HeaderSize = 8;

    /// <summary>Packs a series of a block; null where it has no value.</summary>
    public static byte[]? Pack(LayerBlock block, int series)
    {
        var layers = block.LayerNames.Count;
        var range = new Range(series * layers, (series + 1) * layers);
        ReadOnlySpan<int> count = block.Count.AsSpan(range), nonFinite = block.NonFinite.AsSpan(range);
        ReadOnlySpan<float> min = block.Min.AsSpan(range), max = block.Max.AsSpan(range), mean = block.Mean.AsSpan(range), last = block.Last.AsSpan(range);
        var hasNonFinite = nonFinite.ContainsAnyExcept(0);
        if (!hasNonFinite && !count.ContainsAnyExcept(0))
        {
            return null;
        }

        var onePlane = Same(last, min) && Same(last, max) && Same(last, mean);
        var byteCounts = !count.ContainsAnyExceptInRange(0, 255);
        var planes = onePlane ? 1 : 4;
        var blob = new byte[HeaderSize + (planes * layers * 4) + (layers * (byteCounts ? 1 : 4)) + (hasNonFinite ? layers * 4 : 0)];
        blob[0] = (byte)((onePlane ? OnePlane : 0) | (byteCounts ? ByteCounts : 0) | (hasNonFinite ? HasNonFinite : 0));
        BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), layers);
        var target = blob.AsSpan(HeaderSize);
        target = Write(target, last);
        if (!onePlane)
        {
            target = Write(target, min);
            target = Write(target, max);
            target = Write(target, mean);
        }

        if (byteCounts)
        {
            for (var i = 0; i < layers; i++)
            {
                target[i] = (byte)count[i];
            }

            target = target[layers..];
        }
        else
        {
            target = Write(target, count);
        }

        if (hasNonFinite)
        {
            Write(target, nonFinite);
        }

        return blob;
    }

    /// <summary>The values of one layer.</summary>
    /// <exception cref="InvalidDataException">The blob is none.</exception>
    public static LayerWindow Unpack(ReadOnlySpan<byte> blob, int layer)
    {
        var layers = blob.Length < HeaderSize ? -1 : BinaryPrimitives.ReadInt32LittleEndian(blob[4..]);
        var planes = layers < 0 || (blob[0] & OnePlane) != 0 ? 1 : 4;
        var counts = HeaderSize + (planes * layers * 4);
        var countSize = layers >= 0 && (blob[0] & ByteCounts) != 0 ? 1 : 4;
        var nonFinite = counts + (layers * countSize);
        if (layers < 0 || layer >= layers || blob.Length != nonFinite + ((blob[0] & HasNonFinite) != 0 ? layers * 4 : 0))
        {
            throw new InvalidDataException("A block of layer statistics is damaged.");
        }

        var last = Value(blob, 0, layers, layer);
        return new LayerWindow(
            countSize == 1 ? blob[counts + layer] : BinaryPrimitives.ReadInt32LittleEndian(blob[(counts + (layer * 4))..]),
            (blob[0] & HasNonFinite) != 0 ? BinaryPrimitives.ReadInt32LittleEndian(blob[(nonFinite + (layer * 4))..]) : 0,
            planes == 1 ? last : Value(blob, 1, layers, layer),
            planes == 1 ? last : Value(blob, 2, layers, layer),
            planes == 1 ? last : Value(blob, 3, layers, layer),
            last);
    }

    private static float Value(ReadOnlySpan<byte> blob, int plane, int layers, int layer) =>
        BinaryPrimitives.ReadSingleLittleEndian(blob[(HeaderSize + (((plane * layers) + layer) * 4))..]);

    /// <summary>Bit for bit, so that NaN equals NaN.</summary>
    private static bool Same(ReadOnlySpan<float> a, ReadOnlySpan<float> b) => MemoryMarshal.Cast<float, int>(a).SequenceEqual(MemoryMarshal.Cast<float, int>(b));

    private static Span<byte> Write(Span<byte> target, ReadOnlySpan<float> values) => Write(target, MemoryMarshal.Cast<float, int>(values));

    private static Span<byte> Write(Span<byte> target, ReadOnlySpan<int> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target[(i * 4)..], values[i]);
        }

        return target[(values.Length * 4)..];
    }
}
