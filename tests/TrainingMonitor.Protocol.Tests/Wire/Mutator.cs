namespace TrainingMonitor.Protocol.Tests.Wire;

/// <summary>Makes bad frames of good ones: flips, cuts, repeats, splices, absurd lengths. Same seed, same frames.</summary>
internal sealed class Mutator(int seed, byte[][] corpus)
{
    private static readonly byte[][] Tokens =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
        [0x00], [0x0B], [0x0C], [0x7F], [0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF], [0x00, 0x00, 0xC0, 0x7F], [0x12, 0x00], [0x22, 0x02, 0x0A, 0x00],
    ];

    private readonly Random random = new(seed);

    public byte[] Next()
    {
        var bytes = corpus[random.Next(corpus.Length)];
        for (var i = random.Next(4); i >= 0; i--)
        {
            bytes = Mutate(bytes);
        }

        return bytes;
    }

    private byte[] Mutate(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return Tokens[random.Next(Tokens.Length)];
        }

        var at = random.Next(bytes.Length);
        var to = random.Next(at, bytes.Length);
        switch (random.Next(7))
        {
            case 0:
                var flipped = (byte[])bytes.Clone();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                var set = (byte[])bytes.Clone();
                set[at] = (byte)random.Next(256);
                return set;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[to..]];
            case 4:
                return bytes.Length > 100_000 ? bytes : [.. bytes[..to], .. bytes[at..]];
            case 5:
                return [.. bytes[..at], .. Tokens[random.Next(Tokens.Length)], .. bytes[at..]];
            default:
                var other = corpus[random.Next(corpus.Length)];
                return [.. bytes[..at], .. other[random.Next(other.Length)..]];
        }
    }
}
