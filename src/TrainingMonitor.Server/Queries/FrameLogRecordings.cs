using System.Runtime.CompilerServices;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Recording;

namespace TrainingMonitor.Server.Queries;

/// <summary>Recordings cut out of the frame log.</summary>
internal sealed class FrameLogRecordings(IFrameLog log) : IRecordingSource
{
    private const int PieceBytes = 256 << 10;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var writer = new RecordingWriter(buffer, runId);
        using var records = log.Read(log.FirstPosition, runId).GetEnumerator();
        // The log is read on the pool, a piece at a time: a long log of other runs must not hold up the caller.
        while (await Task.Run(() => Fill(records, writer, buffer, cancellationToken), cancellationToken))
        {
            yield return buffer.ToArray();
            buffer.SetLength(0);
        }

        writer.Complete();
        yield return buffer.ToArray();
    }

    private static bool Fill(IEnumerator<FrameRecord> records, RecordingWriter writer, MemoryStream buffer, CancellationToken cancellationToken)
    {
        while (records.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(records.Current);
            if (buffer.Length >= PieceBytes)
                return true;
        }

        return false;
    }
}
