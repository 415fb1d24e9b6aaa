using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Buffering;

/// <summary>A frame that may have to be sent again.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Bytes">Its bytes, as they were first sent.</param>
/// <param name="Ground">The frame itself where later ones cannot be read without it (a layer table, a description); else null.</param>
internal readonly record struct StoredFrame(ulong Sequence, ReadOnlyMemory<byte> Bytes, TrainerFrame? Ground = null)
{
    /// <summary>Whether later frames cannot be read without it.</summary>
    public static bool IsGround(TrainerFrame frame) => frame.BodyCase is TrainerFrame.BodyOneofCase.LayerTable or TrainerFrame.BodyOneofCase.Description;
}
