using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Recording;
using TrainingMonitor.Storage.Tests.Log;

namespace TrainingMonitor.Storage.Tests.Recording;

public sealed class RecordingTests
{
    private const string RunId = "probelauf-ラン";

    [Fact]
    public void A_recording_reads_back_as_written()
    {
        var reader = new RecordingReader(new MemoryStream(Make(20)));
        reader.RunId.ShouldBe(RunId);
        var records = reader.Read().Select(record => (record.Position, record.Kind, record.Attempt, record.Rank, Body: record.Body.ToArray())).ToList();
        records.Count.ShouldBe(20);
        reader.Records.ShouldBe(20);
        reader.IsComplete.ShouldBeTrue();
        for (var i = 0; i < 20; i++)
        {
            (records[i].Position, records[i].Kind, records[i].Attempt, records[i].Rank).ShouldBe((i + 5L, i % 2 == 0 ? FrameRecordKind.Frame : FrameRecordKind.Input, i, -i));
            records[i].Body.ShouldBe(LogFolder.Body(i));
        }
    }

    [Fact]
    public void A_body_larger_than_the_buffer_reads_back()
    {
        using var stream = new MemoryStream();
        var writer = new RecordingWriter(stream, RunId);
        writer.Write(new FrameRecord(1, FrameRecordKind.Frame, RunId, 0, 0, LogFolder.Body(1, 300_000)));
        stream.Position = 0;
        var reader = new RecordingReader(stream);
        reader.Read().Single().Body.ToArray().ShouldBe(LogFolder.Body(1, 300_000));
        reader.IsComplete.ShouldBeFalse("there is no end mark");
    }

    [Fact]
    public void Cut_anywhere_it_says_so_or_is_known_to_be_incomplete()
    {
        var whole = Make(3);
        for (var length = 0; length < whole.Length; length++)
        {
            var (records, error, complete) = ReadAll(whole[..length]);
            complete.ShouldBeFalse();
            records.ShouldBeLessThanOrEqualTo(3);
            error?.Offset.ShouldBeLessThanOrEqualTo(length);
        }

        ReadAll(whole).ShouldBe((3, null, true));
    }

    [Fact]
    public void Flipped_anywhere_it_is_never_complete()
    {
        var whole = Make(3);
        for (var offset = 0; offset < whole.Length; offset++)
        {
            var broken = whole.ToArray();
            broken[offset] ^= 0x04;
            var (_, error, complete) = ReadAll(broken);
            complete.ShouldBeFalse($"byte {offset}");
            error.ShouldNotBeNull($"byte {offset}");
            error.Offset.ShouldBeLessThanOrEqualTo(offset);
        }
    }

    [Fact]
    public void Another_file_is_named_as_such() =>
        Should.Throw<RecordingException>(() => new RecordingReader(new MemoryStream("step,loss\n1,2.5\n and so on"u8.ToArray()))).Message.ShouldContain("no recording");

    [Fact]
    public void A_record_of_another_run_is_refused()
    {
        var writer = new RecordingWriter(new MemoryStream(), RunId);
        Should.Throw<ArgumentException>(() => writer.Write(new FrameRecord(1, FrameRecordKind.Frame, "other", 0, 0, default)));
        Should.Throw<ArgumentException>(() => new RecordingWriter(new MemoryStream(), ""));
        writer.Complete();
        Should.Throw<InvalidOperationException>(() => writer.Write(new FrameRecord(1, FrameRecordKind.Frame, RunId, 0, 0, default)));
    }

    private static byte[] Make(int records)
    {
        using var stream = new MemoryStream();
        var writer = new RecordingWriter(stream, RunId);
        for (var i = 0; i < records; i++)
        {
            writer.Write(new FrameRecord(i + 5, i % 2 == 0 ? FrameRecordKind.Frame : FrameRecordKind.Input, RunId, i, -i, LogFolder.Body(i)));
        }

        writer.Complete();
        return stream.ToArray();
    }

    private static (int Records, RecordingException? Error, bool Complete) ReadAll(byte[] bytes)
    {
        var count = 0;
        RecordingReader? reader = null;
        try
        {
            reader = new RecordingReader(new MemoryStream(bytes));
            count = reader.Read().Count();
            return (count, null, reader.IsComplete);
        }
        catch (RecordingException error)
        {
            return (count, error, reader?.IsComplete ?? false);
        }
    }
}
