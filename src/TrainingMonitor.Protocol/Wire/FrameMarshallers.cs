using System.Buffers;
using Google.Protobuf;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Wire;

/// <summary>gRPC marshallers of the ingest stream.</summary>
public static class FrameMarshallers
{
    /// <summary>Trainer frames as bytes. Reading copies the payload once and never fails: what the bytes say is judged by <see cref="FrameReader"/>, so that a malformed frame can be answered with the name of the field.</summary>
    public static Marshaller<RawTrainerFrame> Trainer { get; } = new(
        static (frame, context) =>
        {
            context.SetPayloadLength(frame.Bytes.Length);
            context.GetBufferWriter().Write(frame.Bytes.Span);
            context.Complete();
        },
        static context => new RawTrainerFrame(Copy(context.PayloadAsReadOnlySequence())));

    /// <summary>Server frames as messages.</summary>
    public static Marshaller<ServerFrame> Server { get; } = new(
        static (frame, context) =>
        {
            context.SetPayloadLength(frame.CalculateSize());
            frame.WriteTo(context.GetBufferWriter());
            context.Complete();
        },
        static context => ServerFrame.Parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    // gRPC's own copy clears the array before it fills it.
    private static byte[] Copy(ReadOnlySequence<byte> payload)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)payload.Length));
        payload.CopyTo(bytes);
        return bytes;
    }
}
