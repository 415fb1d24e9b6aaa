using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Gateway;

/// <summary>An opened trainer stream: frames go in, in order; never blocks. Credits bound what may be in flight.</summary>
public interface IRunStream
{
    /// <summary>The answer to the Hello.</summary>
    Welcome Welcome { get; }

    /// <summary>Hands a frame that is valid by itself to the run actor, which judges it by the frames before it. <paramref name="raw"/> are the bytes as received; the actor owns them from here on.</summary>
    void Post(TrainerFrame frame, ReadOnlyMemory<byte> raw);

    /// <summary>The connection is gone (not the run).</summary>
    void Disconnected();
}
