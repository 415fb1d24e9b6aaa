using System.Threading.Channels;
using DuckDB.NET.Data;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>A few threads with a connection each, for queries beside the writer.</summary>
internal sealed class ReaderThreads : IAsyncDisposable
{
    private readonly Database database;
    private readonly Reader[] readers;
    private readonly Channel<Reader> free = Channel.CreateUnbounded<Reader>();

    public ReaderThreads(Database database, int count)
    {
        this.database = database;
        readers = [.. Enumerable.Range(0, count).Select(i => new Reader(new OwnerThread($"series reader {i}", capacity: 1)))];
        foreach (var reader in readers)
        {
            free.Writer.TryWrite(reader);
        }
    }

    public async Task<T> RunAsync<T>(Func<DuckDBConnection, T> query, CancellationToken cancellationToken)
    {
        var reader = await free.Reader.ReadAsync(cancellationToken);
        try
        {
            return await reader.Thread.RunAsync(() => Run(reader, query), cancellationToken);
        }
        finally
        {
            free.Writer.TryWrite(reader);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in readers)
        {
            await reader.Thread.DisposeAsync();
            reader.Connection?.Dispose();
        }
    }

    private T Run<T>(Reader reader, Func<DuckDBConnection, T> query)
    {
        try
        {
            return query(reader.Connection ??= database.Connect());
        }
        catch (DuckDBException)
        {
            // After a fatal error the database is usable again only when every connection to it was closed.
            reader.Connection?.Dispose();
            reader.Connection = null;
            throw;
        }
    }

    private sealed class Reader(OwnerThread thread)
    {
        public OwnerThread Thread { get; } = thread;

        public DuckDBConnection? Connection { get; set; }
    }
}
