using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Protocol.Tests.Wire;

public sealed class FrameReaderTests
{
    private static readonly FrameReader Reader = new(FrameLimits.Default);

    [Fact]
    public void Reads_what_was_written()
    {
        var frame = Frames.Steps(7, Frames.Report(0, 100));

        Reader.Read(new(frame.ToByteArray()), out var read).ShouldBeNull();

        read.ShouldBe(frame);
    }

    [Fact]
    public void Columns_are_not_copied()
    {
        var raw = new RawTrainerFrame(Frames.Steps(7, Frames.Report(0, 10_000)).ToByteArray());
        var before = GC.GetAllocatedBytesForCurrentThread();

        Reader.Read(raw, out var read).ShouldBeNull();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
        raw.Bytes.Span.Overlaps(read!.Steps.Reports[0].Columns[1].Float64.Span).ShouldBeTrue();
    }

    [Fact]
    public void A_field_that_comes_twice_is_read_as_by_the_generated_parser()
    {
        var report = Frames.Report(0, 20).ToByteArray();
        byte[] twice = [.. report, .. new StepReport { Values = new() { Loss = 7 }, BatchSize = 3 }.ToByteArray()];
        byte[] bytes = [0x08, 1, 0x22, .. Varint(twice.Length + 1 + Varint(twice.Length).Length), 0x0A, .. Varint(twice.Length), .. twice];

        Reader.Read(new(bytes), out var read).ShouldBeNull();

        read.ShouldBe(TrainerFrame.Parser.ParseFrom(bytes));
        read!.Steps.Reports[0].Values.ShouldBe(new() { Loss = 7, LearningRate = 1e-3, StepSeconds = 0.01 });
    }

    [Fact]
    public void Too_many_bytes_are_refused() => Refused(new byte[(4 << 20) + 1], StatusCode.ResourceExhausted, "at most 4194304");

    [Fact]
    public void Cut_off_bytes_are_refused() => Refused(Frames.Table(1, 1, 5).ToByteArray()[..^3], StatusCode.InvalidArgument, "cut off");

    [Fact]
    public void Text_that_is_no_utf8_is_refused_or_replaced_never_kept()
    {
        var bytes = Frames.Scalars(1).ToByteArray();
        var at = bytes.AsSpan().IndexOf("bleu"u8);
        bytes[at] = 0xFF;

        var error = Reader.Read(new(bytes), out var frame);

        (error is not null || frame!.Scalars.Scalars[0].Name.Contains('\uFFFD', StringComparison.Ordinal)).ShouldBeTrue();
    }

    [Fact]
    public void A_small_frame_cannot_become_a_large_object_graph()
    {
        // Field 4 (steps) holding two million empty reports of two bytes each: 4 MB on the wire, a quarter of a gigabyte as objects.
        var reports = new byte[4 * 1_000_000];
        for (var i = 0; i < reports.Length; i += 2)
        {
            reports[i] = 0x0A;
        }

        var bytes = new TrainerFrame { Sequence = 1 }.ToByteArray()
            .Concat<byte>([0x22, .. Varint(reports.Length), .. reports]).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Refused(bytes, StatusCode.ResourceExhausted, "4096 reports");

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }

    [Fact]
    public void Fields_of_a_newer_protocol_are_dropped()
    {
        byte[] bytes = [.. Frames.Probe(1).ToByteArray(), 0xFA, 0x7F, 0x02, 1, 2];

        Reader.Read(new(bytes), out var frame).ShouldBeNull();

        frame.ShouldBe(Frames.Probe(1));
    }

    private static byte[] Varint(int value)
    {
        var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteLength(value);
        }

        return stream.ToArray();
    }

    private static void Refused(byte[] bytes, StatusCode code, string message)
    {
        var error = Reader.Read(new(bytes), out var frame).ShouldNotBeNull();
        frame.ShouldBeNull();
        error.Code.ShouldBe(code);
        error.ToString().ShouldContain(message);
    }
}
