using System.Runtime.CompilerServices;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Storage.Recording;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Server.Hosting.Clustered;

/// <summary>Recordings cut out of the shared log: any node makes them.</summary>
internal sealed class SharedRecordings(ISharedRuns runs) : IRecordingSource
{
    private const int PieceBytes = 256 << 10;

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var writer = new RecordingWriter(buffer, runId);
        await foreach (var record in runs.ReadAsync(runId, 1, cancellationToken))
        {
            writer.Write(record);
            if (buffer.Length >= PieceBytes)
            {
                yield return buffer.ToArray();
                buffer.SetLength(0);
            }
        }

        writer.Complete();
        yield return buffer.ToArray();
    }
}
