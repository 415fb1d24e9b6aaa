using System.Buffers;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Estimation.Tests.Inputs;

namespace TrainingMonitor.Estimation.Tests;

public sealed class RunAnalysisStateTests
{
    [Fact]
    public void Saved_at_any_step_it_goes_on_bit_for_bit()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var script = new RandomRun(seed);
            var steady = script.Start();
            var moved = script.Start();
            for (var t = 0; t < 60; t++)
            {
                if (random.Next(4) == 0)
                {
                    moved = Reload(moved, script.Configuration);
                    Same(steady, moved);
                }

                script.Next(steady, moved);
                Same(steady, moved);
            }
        }
    }

    [Fact]
    public void Any_damaged_byte_is_said_to_be_damage()
    {
        var script = new RandomRun(7);
        var analysis = script.Start();
        for (var t = 0; t < 30; t++)
        {
            script.Next(analysis);
        }

        var bytes = Save(analysis);
        var random = new Random(1);
        for (var trial = 0; trial < 3000; trial++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Should.Throw<InvalidDataException>(() => Load(damaged, script.Configuration));
        }

        for (var length = 0; length < bytes.Length; length += random.Next(1, 40))
        {
            Should.Throw<InvalidDataException>(() => Load(bytes[..length], script.Configuration));
        }
    }

    [Fact]
    public void A_damaged_payload_with_a_good_checksum_throws_nothing_else()
    {
        var script = new RandomRun(8);
        var analysis = script.Start();
        script.Next(analysis);
        var bytes = Save(analysis);
        var random = new Random(2);
        for (var trial = 0; trial < 3000; trial++)
        {
            var payload = bytes[8..^8];
            payload[random.Next(payload.Length)] = (byte)random.Next(256);
            var output = new ArrayBufferWriter<byte>();
            var writer = new StateWriter(output);
            writer.Write(1);
            writer.Write(payload.AsSpan());
            writer.Write(StateChecksum.Of(payload));
            try
            {
                Load(output.WrittenSpan.ToArray(), script.Configuration);
            }
            catch (InvalidDataException)
            {
                // Expected of lengths; changed numbers load.
            }
        }
    }

    [Fact]
    public void An_unknown_version_is_refused()
    {
        var bytes = Save(new RunAnalysis(new RunConfiguration()));
        bytes[0]++;
        Should.Throw<InvalidDataException>(() => Load(bytes, new RunConfiguration())).Message.ShouldContain("version");
    }

    public static byte[] Save(RunAnalysis analysis)
    {
        var output = new ArrayBufferWriter<byte>();
        analysis.Save(new StateWriter(output));
        return output.WrittenSpan.ToArray();
    }

    private static RunAnalysis Load(byte[] bytes, RunConfiguration configuration)
    {
        var reader = new StateReader(bytes);
        return RunAnalysis.Load(ref reader, configuration);
    }

    private static RunAnalysis Reload(RunAnalysis analysis, RunConfiguration configuration) => Load(Save(analysis), configuration);

    private static void Same(RunAnalysis left, RunAnalysis right)
    {
        Bits(left.RunValues).ShouldBe(Bits(right.RunValues));
        foreach (var series in Enum.GetValues<LayerSeries>())
        {
            Bits(left.LayerValues(series)).ShouldBe(Bits(right.LayerValues(series)));
        }

        Save(left).ShouldBe(Save(right));
    }

    private static long[] Bits(ReadOnlySpan<double> values)
    {
        var bits = new long[values.Length];
        for (var i = 0; i < bits.Length; i++)
        {
            bits[i] = BitConverter.DoubleToInt64Bits(values[i]);
        }

        return bits;
    }
}
