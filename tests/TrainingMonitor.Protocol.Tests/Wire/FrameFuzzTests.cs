using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;
using TrainingMonitor.Protocol.Wire;

namespace TrainingMonitor.Protocol.Tests.Wire;

/// <summary>Mutated frames through everything that a byte of a stranger meets first: scan, parser, validator, stream state. Deterministic.</summary>
public sealed class FrameFuzzTests
{
    private const int Count = 60_000;

    private static readonly FrameLimits Limits = FrameLimits.Default;
    private static readonly FrameReader Reader = new(Limits);
    private static readonly FrameValidator Validator = new(Limits);

    private static readonly byte[][] Corpus =
    [
        Frames.Hello().ToByteArray(), Frames.Table(1, 2, 20).ToByteArray(), Frames.Steps(2, Frames.Report(0, 20), Frames.Report(1, 20)).ToByteArray(),
        Frames.Steps(3, Frames.Part(5, 0, 3, 0, 4), Frames.Part(5, 1, 3, 4, 4)).ToByteArray(), Frames.Probe(3).ToByteArray(), Frames.Scalars(4).ToByteArray(),
        new TrainerFrame { Sequence = 5, Description = Frames.Description() }.ToByteArray(), Frames.Goodbye(6).ToByteArray(),
    ];

    private static readonly byte[][] StepCorpus =
    [
        Frames.Steps(2, Frames.Report(0, 20), Frames.Report(1, 20)).ToByteArray(), Frames.Steps(3, Frames.Part(5, 0, 3, 0, 4), Frames.Part(5, 1, 3, 4, 4)).ToByteArray(),
        Frames.Steps(5, new StepReport { Step = 8, TimeUnixNs = Frames.Time, Canaries = Frames.Canaries(), Sentinels = Frames.Sentinels() }).ToByteArray(),
        Frames.Steps(4, new StepReport { Step = 7, TimeUnixNs = Frames.Time, UnitCount = 4, UnitSize = 16, EpochSeam = true, Skipped = true, PairInvalid = true, Exact = true }).ToByteArray(),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_bytes_throw_or_grow(int seed)
    {
        var mutator = new Mutator(seed, Corpus);
        var started = Started();
        int refused = 0, accepted = 0;
        for (var i = 0; i < Count; i++)
        {
            var bytes = mutator.Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var error = Judge(bytes, started);
                (refused, accepted) = error is null ? (refused, accepted + 1) : (refused + 1, accepted);
                if (error is { Code: not (StatusCode.InvalidArgument or StatusCode.ResourceExhausted or StatusCode.FailedPrecondition) })
                {
                    Assert.Fail($"Refused with {error.Code}: {Convert.ToHexString(bytes)}");
                }
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"Frame {i} of seed {seed}, {Convert.ToHexString(bytes)}: {e}");
            }

            var grown = GC.GetAllocatedBytesForCurrentThread() - before;
            if (grown > 64_000 + (200L * bytes.Length))
            {
                Assert.Fail($"{grown} bytes allocated for a frame of {bytes.Length}: {Convert.ToHexString(bytes)}");
            }
        }

        // The corpus is neither refused as a whole nor untouched: both ways through the judges are taken.
        refused.ShouldBeGreaterThan(Count / 20);
        accepted.ShouldBeGreaterThan(Count / 20);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void The_reader_takes_the_same_frames_as_the_generated_parser_and_gives_the_same_messages(int seed)
    {
        var mutator = new Mutator(seed, seed == 4 ? Corpus : StepCorpus);
        var steps = 0;
        for (var i = 0; i < Count; i++)
        {
            var bytes = mutator.Next();
            var error = Reader.Read(new(bytes), out var frame);
            if (error is not null && !error.Message.StartsWith("not a trainmon.v1.TrainerFrame: ", StringComparison.Ordinal))
            {
                // Above a limit: the generated parser has none.
                continue;
            }

            if (error is not null && error.Message.EndsWith("are no protocol buffer", StringComparison.Ordinal))
            {
                // Refused before either parser, groups among it.
                continue;
            }

            steps += frame?.BodyCase == TrainerFrame.BodyOneofCase.Steps ? 1 : 0;
            if (!Equals(frame, Generated(bytes)))
            {
                Assert.Fail($"Frame {i} of seed {seed} reads as {frame}, not {Generated(bytes)}: {Convert.ToHexString(bytes)}");
            }
        }

        steps.ShouldBeGreaterThan(Count / 60);
    }

    private static TrainerFrame? Generated(byte[] bytes)
    {
        try
        {
            return TrainerFrame.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static FrameError? Judge(byte[] bytes, StreamValidationState state) =>
        Reader.Read(new(bytes), out var frame) ?? Validator.Validate(frame!) ?? state.Accept(frame!);

    private static StreamValidationState Started()
    {
        var state = default(StreamValidationState);
        _ = state.Accept(Frames.Table(1, 1, 20));
        return state;
    }
}
