using System.Runtime.InteropServices;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx.Waiting;

/// <summary>A layer window as bytes: only series that have anything, one plane where the window is a single value, counts in bytes where they fit.</summary>
internal static class BlockForm
{
    /// <summary>Writes all but the layer names.</summary>
    public static void Write(ByteWriter writer, LayerBlock block)
    {
        var layers = block.LayerNames.Count;
        var size = SeriesCatalog.LayerCount * layers;
        var onePlane = Same(block.Last, block.Min) && Same(block.Last, block.Max) && Same(block.Last, block.Mean);
        var byteCounts = !block.Count.AsSpan(0, size).ContainsAnyExceptInRange(0, 255);
        var hasNonFinite = block.NonFinite.AsSpan(0, size).ContainsAnyExcept(0);
        var present = 0UL;
        for (var series = 0; series < SeriesCatalog.LayerCount; series++)
        {
            var any = block.Count.AsSpan(series * layers, layers).ContainsAnyExcept(0) || block.NonFinite.AsSpan(series * layers, layers).ContainsAnyExcept(0);
            present |= any ? 1UL << series : 0;
        }

        writer.Write(block.Attempt);
        writer.Write(block.Segment);
        writer.Write(block.FirstStep);
        writer.Write(block.Width);
        writer.Write(block.LastStep);
        writer.Write(block.TimeUnixNs);
        writer.Write(block.TableVersion);
        writer.Write((byte)((onePlane ? WritesFormat.OnePlane : 0) | (byteCounts ? WritesFormat.ByteCounts : 0) | (hasNonFinite ? WritesFormat.HasNonFinite : 0)));
        writer.Write(present);
        for (var series = 0; series < SeriesCatalog.LayerCount; series++)
        {
            if ((present >> series & 1) == 0)
            {
                continue;
            }

            var range = new Range(series * layers, (series + 1) * layers);
            writer.WriteRaw<float>(block.Last.AsSpan(range));
            if (!onePlane)
            {
                writer.WriteRaw<float>(block.Min.AsSpan(range));
                writer.WriteRaw<float>(block.Max.AsSpan(range));
                writer.WriteRaw<float>(block.Mean.AsSpan(range));
            }

            Counts(writer, block.Count.AsSpan(range), byteCounts);
            if (hasNonFinite)
            {
                writer.WriteRaw<int>(block.NonFinite.AsSpan(range));
            }
        }
    }

    /// <summary>Reads one.</summary>
    /// <param name="reader">Where.</param>
    /// <param name="names">Its layers.</param>
    /// <param name="series">Series of this program by those of the record; -1: none.</param>
    public static LayerBlock Read(ref ByteReader reader, IReadOnlyList<string> names, int[] series)
    {
        var layers = names.Count;
        var size = SeriesCatalog.LayerCount * layers;
        var (attempt, segment) = (reader.Int32(), reader.Int32());
        var (first, width, last, time, version) = (reader.Int64(), reader.Int64(), reader.Int64(), reader.Int64(), reader.Int32());
        var (flags, present) = (reader.Byte(), reader.UInt64());
        var block = new LayerBlock(attempt, segment, first, width, last, time, version, names, new int[size], new int[size], Nan(size), Nan(size), Nan(size), Nan(size));
        // What this program has no series for is read and left.
        LayerBlock? unknown = null;
        for (var theirs = 0; theirs < 64; theirs++)
        {
            if ((present >> theirs & 1) == 0)
            {
                continue;
            }

            var own = theirs < series.Length ? series[theirs] : throw ByteReader.Damaged();
            var (target, range) = own < 0 ? (unknown ??= Unknown(names), new Range(0, layers)) : (block, new Range(own * layers, (own + 1) * layers));
            reader.Raw(target.Last.AsSpan(range));
            foreach (var plane in new[] { target.Min, target.Max, target.Mean })
            {
                if ((flags & WritesFormat.OnePlane) != 0)
                {
                    target.Last.AsSpan(range).CopyTo(plane.AsSpan(range));
                }
                else
                {
                    reader.Raw(plane.AsSpan(range));
                }
            }

            Counts(ref reader, target.Count.AsSpan(range), (flags & WritesFormat.ByteCounts) != 0);
            if ((flags & WritesFormat.HasNonFinite) != 0)
            {
                reader.Raw(target.NonFinite.AsSpan(range));
            }
        }

        return block;
    }

    private static LayerBlock Unknown(IReadOnlyList<string> names)
    {
        var size = names.Count;
        return new LayerBlock(0, 0, 0, 1, 0, 0, 0, names, new int[size], new int[size], new float[size], new float[size], new float[size], new float[size]);
    }

    private static void Counts(ByteWriter writer, ReadOnlySpan<int> counts, bool asBytes)
    {
        if (!asBytes)
        {
            writer.WriteRaw(counts);
            return;
        }

        var target = writer.Room(counts.Length);
        for (var i = 0; i < counts.Length; i++)
        {
            target[i] = (byte)counts[i];
        }
    }

    private static void Counts(ref ByteReader reader, Span<int> counts, bool asBytes)
    {
        if (!asBytes)
        {
            reader.Raw(counts);
            return;
        }

        var source = reader.Bytes(counts.Length);
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = source[i];
        }
    }

    /// <summary>Bit for bit, so that NaN equals NaN.</summary>
    private static bool Same(float[] a, float[] b) => MemoryMarshal.Cast<float, int>(a).SequenceEqual(MemoryMarshal.Cast<float, int>(b));

    private static float[] Nan(int size)
    {
        var values = new float[size];
        Array.Fill(values, float.NaN);
        return values;
    }
}
