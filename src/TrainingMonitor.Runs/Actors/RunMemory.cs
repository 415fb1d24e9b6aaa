using System.IO.Compression;
using TrainingMonitor.Runs.State;

namespace TrainingMonitor.Runs.Actors;

/// <summary>The state of a run: as it is while something happens, packed while nothing does. A packed state goes on bit for bit, as one that was loaded from
/// a snapshot does; whoever asks for the state unpacks it.</summary>
internal sealed class RunMemory(RunStateMachine state)
{
    // The least that finds the sums of a window in its last values; a higher one is slower and gains little on floats.
    private const int Quality = 4;
    private const int Window = 22;

    private readonly string runId = state.RunId;
    private RunStateMachine? awake = state;
    private byte[] packed = [];
    private int size;

    /// <summary>The state.</summary>
    public RunStateMachine State => awake ??= Unpack();

    /// <summary>The state is packed.</summary>
    public bool IsPacked => awake is null;

    /// <summary>Takes another state.</summary>
    public void Replace(RunStateMachine machine) => (awake, packed) = (machine, []);

    /// <summary>Packs the state.</summary>
    public void Pack()
    {
        if (awake is null)
        {
            return;
        }

        var bytes = awake.Save();
        var buffer = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        if (BrotliEncoder.TryCompress(bytes, buffer, out var length, Quality, Window))
        {
            (awake, packed, size) = (null, buffer[..length], bytes.Length);
        }
    }

    private RunStateMachine Unpack()
    {
        var bytes = new byte[size];
        if (!BrotliDecoder.TryDecompress(packed, bytes, out var length) || length != size)
        {
            throw new InvalidDataException($"The packed state of run {runId} cannot be unpacked.");
        }

        packed = [];
        return RunStateMachine.Load(runId, bytes);
    }
}
