namespace TrainingMonitor.Storage.Recording;

/// <summary>A recording is not one, is damaged or ends in the middle of a record.</summary>
public sealed class RecordingException : IOException
{
    /// <summary>Creates the error.</summary>
    /// <param name="offset">First byte that could not be read.</param>
    /// <param name="problem">What is wrong there.</param>
    public RecordingException(long offset, string problem)
        : base($"The recording cannot be read from byte {offset} on: {problem}.") => Offset = offset;

    /// <summary>First byte that could not be read.</summary>
    public long Offset { get; }
}
