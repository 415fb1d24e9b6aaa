namespace TrainingMonitor.Client.Buffering;

/// <summary>A frame that may have to be sent again.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Bytes">Its bytes, as they were first sent.</param>
internal readonly record struct StoredFrame(ulong Sequence, ReadOnlyMemory<byte> Bytes);
