using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Wire;

/// <summary>The <c>Ingest</c> service over raw frames: the same method on the wire as the generated one, without a second serialization.</summary>
public static class IngestMethods
{
    /// <summary>Full name of the service.</summary>
    public const string Service = "trainmon.v1.Ingest";

    /// <summary><c>Ingest.Stream</c>. Client: <c>invoker.AsyncDuplexStreamingCall(IngestMethods.Stream, null, options)</c>. Server: derive from <see cref="RawIngestBase"/>.</summary>
    public static Method<RawTrainerFrame, ServerFrame> Stream { get; } =
        new(MethodType.DuplexStreaming, Service, nameof(RawIngestBase.Stream), FrameMarshallers.Trainer, FrameMarshallers.Server);

    /// <summary>Binds an implementation; called by the gRPC host, with null while it discovers the methods.</summary>
    public static void BindService(ServiceBinderBase binder, RawIngestBase? implementation)
    {
        ArgumentNullException.ThrowIfNull(binder);
        binder.AddMethod(Stream, implementation is null ? null! : new DuplexStreamingServerMethod<RawTrainerFrame, ServerFrame>(implementation.Stream));
    }
}
