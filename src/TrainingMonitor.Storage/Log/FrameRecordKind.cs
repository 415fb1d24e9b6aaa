namespace TrainingMonitor.Storage.Log;

/// <summary>What a record of the frame log holds.</summary>
public enum FrameRecordKind : byte
{
    /// <summary>A serialized <c>TrainerFrame</c>, as the trainer sent it.</summary>
    Frame = 1,

    /// <summary>A serialized <c>Input</c> (recording.proto): an opened stream or a clock decision.</summary>
    Input = 2,
}
