using System.Text;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Influx.Waiting;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Tests.Series;
using ProbeKind = TrainingMonitor.Estimation.Input.ProbeKind;

namespace TrainingMonitor.Storage.Tests.Influx.Waiting;

/// <summary>What waits as numbers gives, when it is read, the lines that the writes themselves would have given.</summary>
public sealed class WritesEncoderTests
{
    [Fact]
    public void Records_give_the_lines_of_the_writes()
    {
        var random = new Random(7);
        for (var round = 0; round < 50; round++)
        {
            var writes = Random(random, round);
            var encoder = new WritesEncoder();
            encoder.Add(writes);
            var records = encoder.Take();
            var (direct, through) = (Lines([writes]), Lines(records.Select(record => WritesDecoder.Read(record.Body.Span))));
            // Cut into records, points and windows stay in their order.
            through.ShouldBe(direct);
            records.Sum(record => record.Lines).ShouldBe(direct.Length);
            records.Count(record => WritesDecoder.IsWrites(record.Body.Span)).ShouldBe(records.Count);
        }
    }

    [Fact]
    public void Large_writes_are_cut_into_records_that_fit_a_request()
    {
        var encoder = new WritesEncoder();
        encoder.Add(new RunWrites("run", 1) { Points = [.. Enumerable.Range(0, 5000).Select(step => SampleWrites.Point(step, values: (RunSeries.Loss, step)))] });
        var records = encoder.Take();
        records.Count.ShouldBeGreaterThanOrEqualTo(5);
        records.ShouldAllBe(record => record.Body.Length < 80 << 10 && record.Lines <= 1000);
        records.SelectMany(record => WritesDecoder.Read(record.Body.Span).Points).Select(point => point.Step).ShouldBe(Enumerable.Range(0, 5000).Select(step => (long)step));
        encoder.Take().ShouldBeEmpty();
    }

    [Fact]
    public void Bytes_that_are_cut_or_of_another_version_are_refused_and_read_nothing_foreign()
    {
        var encoder = new WritesEncoder();
        encoder.Add(Random(new Random(3), 3));
        var record = encoder.Take()[0].Body.ToArray();
        for (var length = 1; length < record.Length; length += 7)
        {
            try
            {
                WritesDecoder.Read(record.AsSpan(0, length));
            }
            catch (Exception error)
            {
                (error is InvalidDataException or Google.Protobuf.InvalidProtocolBufferException).ShouldBeTrue(error.ToString());
            }
        }

        record[1]++;
        Should.Throw<InvalidDataException>(() => WritesDecoder.Read(record));
        WritesDecoder.IsWrites("run,run=1 step=1i 1\n"u8).ShouldBeFalse();
    }

    [Fact]
    public void Series_are_kept_by_name()
    {
        var (run, layer) = SeriesNameList.Map(SeriesNameList.Pack(["gone", "loss", "learning_rate"], ["noise_scale", "never"]));
        run.ShouldBe([-1, (int)RunSeries.Loss, (int)RunSeries.LearningRate]);
        layer.ShouldBe([(int)LayerSeries.NoiseScale, -1]);
    }

    private static string[] Lines(IEnumerable<RunWrites> writes)
    {
        var text = new StringBuilder();
        var lines = new SeriesLines((body, _) => text.Append(Encoding.UTF8.GetString(body.Span)));
        foreach (var write in writes)
        {
            lines.Add(write);
        }

        lines.Flush();
        return text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static RunWrites Random(Random random, int round)
    {
        var layers = random.Next(2) == 0 ? SampleWrites.Layers : [.. Enumerable.Range(0, random.Next(1, 400)).Select(i => $"layer {i}")];
        var blocks = Enumerable.Range(0, random.Next(4)).Select(i => SampleWrites.Block(i * 512, random.Next(2) == 0 ? 1 : random.Next(2, 600), layers: layers)).ToList();
        foreach (var block in blocks.Where(_ => random.Next(2) == 0))
        {
            block.NonFinite[random.Next(block.NonFinite.Length)] = 3;
        }

        foreach (var block in blocks.Where(block => block.Width == 1))
        {
            block.Mean.CopyTo(block.Min, 0);
            block.Mean.CopyTo(block.Max, 0);
            block.Mean.CopyTo(block.Last, 0);
        }

        return new RunWrites($"run {round} \"ü\"", round + 1)
        {
            Project = random.Next(2) == 0 ? "" : "p\\",
            Points = [.. Enumerable.Range(0, random.Next(2000)).Select(step => SampleWrites.Point(
                step, random.Next(3), random.Next(3), (RunSeries.Loss, random.NextDouble()), (RunSeries.NoiseScale, random.Next(3) == 0 ? double.NaN : random.NextDouble())))],
            Blocks = blocks,
            Probes = [.. Enumerable.Range(0, random.Next(3)).Select(step => SampleWrites.Probe(step, ProbeKind.Sharpness, random.NextDouble()))],
            Scalars = [.. Enumerable.Range(0, random.Next(3)).Select(step => new ScalarPoint(0, 1, step, step, "näme", step == 1 ? double.NaN : step))],
            Alerts = [.. Enumerable.Range(0, random.Next(3)).Select(i => SampleWrites.Alert("run", (ulong)i, AlertState.Firing, step: i))],
        };
    }
}
