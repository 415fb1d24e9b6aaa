using System.Globalization;
using System.Text;

namespace TrainingMonitor.Storage.Influx.Lines;

/// <summary>Writes points as line protocol into one growing buffer: <see cref="Begin"/>, tags in order of their keys, fields, <see cref="End"/>. Once the buffer has
/// grown nothing is allocated. A line ends with the only newline in it. Not thread-safe.</summary>
/// <param name="capacity">First size of the buffer, bytes.</param>
public sealed class LineWriter(int capacity = 64 << 10)
{
    private const int MostBytesOfNumber = 32;
    private byte[] buffer = new byte[Math.Max(capacity, 256)];
    private int length;
    private int lineStart;
    private bool hasFields;

    /// <summary>Whole lines written since the last <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, lineStart);

    /// <summary>How many lines these are.</summary>
    public int Lines { get; private set; }

    /// <summary>Fields written, ever.</summary>
    public long Fields { get; private set; }

    /// <summary>NaN and infinite values that were left out, ever: the protocol has no form for them.</summary>
    public long NonFinite { get; private set; }

    /// <summary>Points left out because no field remained, ever.</summary>
    public long EmptyPoints { get; private set; }

    /// <summary>Begins a point; one that was not ended is forgotten.</summary>
    public void Begin(LineKey measurement)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        length = lineStart;
        hasFields = false;
        Append(measurement.Escaped);
    }

    /// <summary>Adds a tag; an empty value, which the protocol has no form for, is the absence of the tag.</summary>
    public void Tag(LineKey key, ReadOnlySpan<char> value)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (value.IsEmpty)
        {
            return;
        }

        Pair(key, (byte)',', Encoding.UTF8.GetMaxByteCount(value.Length) * LineEscape.MostBytesForOne);
        length += LineEscape.Write(value, buffer.AsSpan(length), LineEscape.Place.Name);
    }

    /// <summary>Adds a tag that is a number.</summary>
    public void Tag(LineKey key, long value)
    {
        ArgumentNullException.ThrowIfNull(key);
        Pair(key, (byte)',', MostBytesOfNumber);
        Number(value);
    }

    /// <summary>Adds a float, in the shortest form that reads back as the same; false: it is NaN or infinite and only counted.</summary>
    public bool Field(LineKey key, double value) => IsNumber(double.IsFinite(value)) && Float(key, value);

    /// <summary>The same in single precision: shorter, and the same when read as single.</summary>
    public bool Field(LineKey key, float value) => IsNumber(float.IsFinite(value)) && Float(key, value);

    /// <summary>Adds an integer.</summary>
    public void Field(LineKey key, long value)
    {
        StartField(key, MostBytesOfNumber);
        Number(value);
        buffer[length++] = (byte)'i';
    }

    /// <summary>Adds a truth value.</summary>
    public void Field(LineKey key, bool value)
    {
        StartField(key, MostBytesOfNumber);
        Append(value ? "true"u8 : "false"u8);
    }

    /// <summary>Adds a text; control characters in it become %XX, as in names.</summary>
    public void Field(LineKey key, ReadOnlySpan<char> text)
    {
        StartField(key, (Encoding.UTF8.GetMaxByteCount(text.Length) * LineEscape.MostBytesForOne) + 2);
        buffer[length++] = (byte)'"';
        length += LineEscape.Write(text, buffer.AsSpan(length), LineEscape.Place.Text);
        buffer[length++] = (byte)'"';
    }

    /// <summary>Adds bytes as a text in base 64.</summary>
    public void Field(LineKey key, ReadOnlySpan<byte> bytes)
    {
        var size = System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length);
        StartField(key, size + 2);
        buffer[length++] = (byte)'"';
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, buffer.AsSpan(length, size), out _, out var written);
        length += written;
        buffer[length++] = (byte)'"';
    }

    /// <summary>Ends the point with its stamp, ns since the Unix epoch. False: it has no field and is left out.</summary>
    public bool End(long timeUnixNs)
    {
        if (!hasFields)
        {
            EmptyPoints++;
            length = lineStart;
            return false;
        }

        Reserve(MostBytesOfNumber);
        buffer[length++] = (byte)' ';
        Number(timeUnixNs);
        buffer[length++] = (byte)'\n';
        lineStart = length;
        Lines++;
        return true;
    }

    /// <summary>Adds lines that are made.</summary>
    /// <param name="made">Whole lines.</param>
    /// <param name="count">How many.</param>
    public void AddLines(ReadOnlySpan<byte> made, int count)
    {
        length = lineStart;
        Append(made);
        lineStart = length;
        Lines += count;
    }

    /// <summary>Forgets the lines; the buffer and the counters stay.</summary>
    public void Clear()
    {
        length = 0;
        lineStart = 0;
        Lines = 0;
        hasFields = false;
    }

    private bool IsNumber(bool finite)
    {
        NonFinite += finite ? 0 : 1;
        return finite;
    }

    private bool Float<T>(LineKey key, T value)
        where T : IUtf8SpanFormattable
    {
        StartField(key, MostBytesOfNumber);
        value.TryFormat(buffer.AsSpan(length), out var written, default, CultureInfo.InvariantCulture);
        length += written;
        return true;
    }

    private void Number(long value)
    {
        value.TryFormat(buffer.AsSpan(length), out var written, default, CultureInfo.InvariantCulture);
        length += written;
    }

    private void StartField(LineKey key, int room)
    {
        ArgumentNullException.ThrowIfNull(key);
        Pair(key, hasFields ? (byte)',' : (byte)' ', room);
        hasFields = true;
        Fields++;
    }

    private void Pair(LineKey key, byte separator, int room)
    {
        Reserve(key.Escaped.Length + 2 + room);
        buffer[length++] = separator;
        Append(key.Escaped);
        buffer[length++] = (byte)'=';
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }

    private void Reserve(int room)
    {
        if (buffer.Length - length < room)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, length + room));
        }
    }
}
