using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using TrainingMonitor.Storage.Postgres;

namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>Tokens of a cluster, in PostgreSQL. It has connections of its own: tokens are asked for before the node has joined and after it has left.</summary>
internal sealed class PostgresTokenStore : ITokenStore
{
    private readonly PostgresStore store;
    private readonly string table;

    private PostgresTokenStore(PostgresStore store) => (this.store, table) = (store, $"{store.Schema}.token");

    public bool IsShared => true;

    /// <summary>Connects.</summary>
    /// <exception cref="IOException">The database does not answer.</exception>
    public static async Task<PostgresTokenStore> OpenAsync(PostgresOptions options, TimeProvider time, CancellationToken cancellationToken) =>
        // What is wrong with the database the node says, once.
        new(await PostgresStore.OpenAsync(options, NullLoggerFactory.Instance, time, cancellationToken));

    public IReadOnlyList<TokenEntry> Read()
    {
        using var connection = store.Open();
        using var command = new NpgsqlCommand($"SELECT {TokenRow.Columns} FROM {table} ORDER BY name", connection);
        using var reader = command.ExecuteReader();
        var entries = new List<TokenEntry>();
        while (reader.Read())
            entries.Add(TokenRow.Read(reader));
        return entries;
    }

    public bool Add(TokenEntry entry) =>
        Execute($"INSERT INTO {table} ({TokenRow.Columns}) VALUES ({TokenRow.Parameters}) ON CONFLICT (name) DO NOTHING", TokenRow.Values(entry)) > 0;

    public bool Remove(string name) => Execute($"DELETE FROM {table} WHERE name = @name", ("@name", name)) > 0;

    public void Dispose() => store.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var connection = store.Open();
        using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in values)
            command.Parameters.Add(new NpgsqlParameter { ParameterName = name, Value = value });
        return command.ExecuteNonQuery();
    }
}
