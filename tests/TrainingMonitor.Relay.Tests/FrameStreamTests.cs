using System.Buffers.Binary;
using System.Text;
using TrainingMonitor.Relay.Frames;

namespace TrainingMonitor.Relay.Tests;

public sealed class FrameStreamTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Frames_are_read_however_the_bytes_come()
    {
        byte[] bytes = [.. Frame("""{"type":"one","a":1}""", [1, 2, 3]), .. Frame("""{"type":"two"}""", [])];
        var stream = new FrameStream(new Drops(bytes, 3));

        var first = await stream.ReadAsync(Stop);
        first!.Type.ShouldBe("one");
        first.Body.ToArray().ShouldBe([1, 2, 3]);
        (await stream.ReadAsync(Stop))!.Type.ShouldBe("two");
        (await stream.ReadAsync(Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task An_end_at_each_byte_of_a_frame_is_said()
    {
        var whole = Frame("""{"type":"one"}""", [1, 2, 3, 4]);
        for (var length = 1; length < whole.Length; length++)
        {
            var error = await Should.ThrowAsync<FrameException>(() => new FrameStream(new MemoryStream(whole[..length])).ReadAsync(Stop));
            error.Message.ShouldContain("in the middle of a frame");
        }
    }

    [Theory]
    [InlineData("no json", "no JSON")]
    [InlineData("[1]", "without a type")]
    [InlineData("""{"type":5}""", "without a type")]
    [InlineData("{}", "without a type")]
    public async Task A_header_that_is_none_is_refused(string header, string reason)
    {
        var error = await Should.ThrowAsync<FrameException>(() => new FrameStream(new MemoryStream(Frame(header, []))).ReadAsync(Stop));
        error.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData(uint.MaxValue, 0u)]
    [InlineData(2u, (64u << 20) + 1)]
    public async Task A_length_beyond_the_limit_is_refused_before_anything_is_read(uint header, uint body)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, header);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), body);
        var error = await Should.ThrowAsync<FrameException>(() => new FrameStream(new MemoryStream(bytes)).ReadAsync(Stop));
        error.Message.ShouldContain("are taken");
    }

    [Fact]
    public async Task What_is_written_can_be_read()
    {
        using var memory = new MemoryStream();
        await new FrameStream(memory).WriteAsync(FrameWords.Thinning(4), Stop);
        memory.Position = 0;

        var frame = await new FrameStream(memory).ReadAsync(Stop);
        frame!.Type.ShouldBe("thinning");
        frame.Header.GetProperty("factor").GetInt32().ShouldBe(4);
    }

    internal static byte[] Frame(string header, byte[] body)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, text.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), body.Length);
        text.CopyTo(bytes, 8);
        body.CopyTo(bytes, 8 + text.Length);
        return bytes;
    }

    // Gives a few bytes at a time, as a socket may.
    private sealed class Drops(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }
}
