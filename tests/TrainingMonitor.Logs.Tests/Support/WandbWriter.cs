using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace TrainingMonitor.Logs.Tests.Support;

/// <summary>Writes <c>.wandb</c> files by the book.</summary>
internal sealed class WandbWriter
{
    private const int Block = 32768, Header = 7;
    private readonly List<byte> file = [.. ":W&B"u8, 0xE1, 0xBE, 0];

    public byte[] File => [.. file];

    public WandbWriter Row(long step, params (string Key, string Json)[] items)
    {
        byte[] history = [.. items.Append(("_step", step.ToString(CultureInfo.InvariantCulture)))
            .SelectMany(item => EventWriter.Bytes(1, [.. EventWriter.Bytes(1, Encoding.UTF8.GetBytes(item.Item1)), .. EventWriter.Bytes(16, Encoding.UTF8.GetBytes(item.Item2))]))];
        return Record([.. EventWriter.Number(1, 5), .. EventWriter.Bytes(2, history)]);
    }

    public WandbWriter Record(byte[] data)
    {
        var at = 0;
        for (var first = true; first || at < data.Length; first = false)
        {
            var left = Block - (file.Count % Block);
            if (left < Header)
            {
                file.AddRange(new byte[left]);
                left = Block;
            }

            var size = Math.Min(left - Header, data.Length - at);
            var last = at + size == data.Length;
            Fragment(first ? last ? (byte)1 : (byte)2 : last ? (byte)4 : (byte)3, data.AsSpan(at, size));
            at += size;
        }

        return this;
    }

    private void Fragment(byte kind, ReadOnlySpan<byte> data)
    {
        var header = new byte[Header];
        BinaryPrimitives.WriteUInt32LittleEndian(header, EventWriter.Crc([kind, .. data], 0xedb88320));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), (ushort)data.Length);
        header[6] = kind;
        file.AddRange(header);
        file.AddRange(data);
    }
}
