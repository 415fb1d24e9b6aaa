using TrainingMonitor.Logs.Framing;
using TrainingMonitor.Logs.Parsing;
using TrainingMonitor.Logs.Tests.Support;

namespace TrainingMonitor.Logs.Tests.Framing;

/// <summary>Files torn at every byte, and with a bit flipped at every byte.</summary>
public sealed class DamageTests
{
    private static byte[] Events => [.. EventWriter.Version, .. Enumerable.Range(0, 6).SelectMany(i => EventWriter.Scalar("train/loss", i, i + 0.5f))];

    private static byte[] Wandb
    {
        get
        {
            var writer = new WandbWriter();
            for (var i = 0; i < 6; i++)
            {
                writer.Row(i, ("loss", $"{i}.5"));
            }

            return writer.File;
        }
    }

    public static TheoryData<bool> Both => [true, false];

    [Fact]
    public void The_checksum_is_Castagnolis()
    {
        Crc32C.Of("123456789"u8).ShouldBe(0xe3069283);
        EventWriter.Crc("123456789"u8, 0x82f63b78).ShouldBe(0xe3069283);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void Torn_at_every_byte_it_waits_and_goes_on(bool events)
    {
        var file = events ? Events : Wandb;
        var whole = Read.Text(Read.All(Parser(events), file));
        whole.ShouldContain("5:");
        for (var cut = 0; cut <= file.Length; cut++)
        {
            var parser = Parser(events);
            var first = Read.All(parser, file.AsSpan(0, cut));
            var second = Read.All(parser, file.AsSpan(cut));
            Read.Text(first.Concat(second)).ShouldBe(whole, $"cut at {cut}");
            parser.Skipped.ShouldBe(0);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public void A_flipped_bit_costs_what_it_hit_and_invents_nothing(bool events)
    {
        var file = events ? Events : Wandb;
        var whole = Read.All(Parser(events), file).Select(e => Read.Text([e])).ToHashSet();
        for (var at = 0; at < file.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var broken = (byte[])file.Clone();
                broken[at] ^= (byte)(1 << bit);
                var parser = Parser(events);
                var entries = Read.All(parser, broken);
                entries.Select(e => Read.Text([e])).ShouldBeSubsetOf(whole, $"bit {bit} of byte {at}");

                // Only the version of a .wandb file and the first record of an event file, which holds no scalars, may be hit without a loss.
                (entries.Count < whole.Count || parser.Skipped > 0 || (!events && at == 6)).ShouldBeTrue($"bit {bit} of byte {at}");
            }
        }
    }

    [Fact]
    public void Damaged_data_of_an_event_is_skipped_and_a_damaged_length_ends_the_file()
    {
        byte[] first = EventWriter.Scalar("loss", 1, 1), second = EventWriter.Scalar("loss", 2, 2);
        var data = (byte[])first.Clone();
        data[^6] ^= 1;
        var parser = RecordParser.TensorBoard();
        Read.All(parser, [.. data, .. second]).ShouldHaveSingleItem().Step.ShouldBe(2);
        (parser.Skipped, parser.Broken).ShouldBe((1L, null));

        var length = (byte[])first.Clone();
        length[0] ^= 1;
        parser = RecordParser.TensorBoard();
        Read.All(parser, [.. length, .. second]).ShouldBeEmpty();
        parser.Broken.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_records_of_any_size_come_through_any_chunks(int seed)
    {
        var random = new Random(seed);
        byte[][] records = [.. Enumerable.Range(0, 60).Select(i => new byte[i % 10 == 0 ? random.Next(32_700, 100_000) : random.Next(0, 4000)])];
        Array.ForEach(records, random.NextBytes);
        var writer = new WandbWriter();
        Array.ForEach(records, record => writer.Record(record));

        Through(new WandbFraming(), writer.File, random).ShouldBe(records.Select(Convert.ToHexString));
        Through(new TfRecordFraming(), [.. records.SelectMany(EventWriter.Framed)], random).ShouldBe(records.Select(Convert.ToHexString));
    }

    private static RecordParser Parser(bool events) => events ? RecordParser.TensorBoard() : RecordParser.Wandb();

    private static List<string> Through(IFraming framing, byte[] file, Random random)
    {
        var read = new List<string>();
        for (var at = 0; at < file.Length;)
        {
            var size = Math.Min(random.Next(1, 50_000), file.Length - at);
            framing.Append(file.AsSpan(at, size));
            at += size;
            while (framing.TryRead(out var record))
            {
                read.Add(Convert.ToHexString(record));
            }
        }

        framing.Skipped.ShouldBe(0);
        return read;
    }
}
