namespace TrainingMonitor.Protocol.Wire;

/// <summary>
/// One trainer frame as its bytes. A frame's bytes are fixed when it is made: the client sends, spills and resends these bytes, the server logs
/// these bytes; neither serializes a frame twice. <see cref="FrameReader"/> turns them into a message.
/// </summary>
/// <param name="bytes">A serialized <c>TrainerFrame</c>; must not change afterwards.</param>
public sealed class RawTrainerFrame(ReadOnlyMemory<byte> bytes)
{
    /// <summary>The serialized frame.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;
}
