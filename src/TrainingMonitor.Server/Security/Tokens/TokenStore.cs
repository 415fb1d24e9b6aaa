using System.Globalization;
using Microsoft.Data.Sqlite;

namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>Tokens in one SQLite file. A damaged file stops the start: moved aside, it would lock every trainer out without a word.</summary>
internal sealed class TokenStore : ITokenStore
{
    private const int SchemaVersion = 1;
    private readonly SqliteConnection connection;
    private readonly Lock gate = new();

    private TokenStore(SqliteConnection connection) => this.connection = connection;

    public bool IsShared => false;

    /// <summary>Opens the file, or starts one.</summary>
    /// <exception cref="InvalidOperationException">It cannot be used; the message says what to do.</exception>
    public static TokenStore Open(string path)
    {
        var opened = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            opened.Open();
            var store = new TokenStore(opened);
            // FULL: a revocation survives a power loss.
            store.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            store.Migrate();
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return store;
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            opened.Dispose();
            throw new InvalidOperationException($"The token file {path} cannot be used: {error.Message} Restore it from a backup, or delete it and create the tokens anew.", error);
        }
    }

    public IReadOnlyList<TokenEntry> Read()
    {
        lock (gate)
        {
            using var command = Command($"SELECT {TokenRow.Columns} FROM tokens ORDER BY name");
            using var reader = command.ExecuteReader();
            var entries = new List<TokenEntry>();
            while (reader.Read())
                entries.Add(TokenRow.Read(reader));
            return entries;
        }
    }

    public bool Add(TokenEntry entry) =>
        Execute($"INSERT INTO tokens ({TokenRow.Columns}) VALUES ({TokenRow.Parameters}) ON CONFLICT (name) DO NOTHING", TokenRow.Values(entry)) > 0;

    public bool Remove(string name) => Execute("DELETE FROM tokens WHERE name = @name", ("@name", name)) > 0;

    public void Dispose()
    {
        lock (gate)
            connection.Dispose();
    }

    private void Migrate()
    {
        using var command = Command("PRAGMA user_version");
        var version = Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > SchemaVersion)
            throw new IOException($"its schema has version {version}, made by a newer program; this one knows {SchemaVersion}.");
        if (version == 0)
        {
            Execute($"""
                BEGIN;
                CREATE TABLE tokens (name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, cookie BLOB NOT NULL UNIQUE, scopes INTEGER NOT NULL, projects TEXT,
                    created_ms INTEGER NOT NULL, expires_ms INTEGER);
                PRAGMA user_version = {SchemaVersion};
                COMMIT;
                """);
        }
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        lock (gate)
        {
            using var command = Command(sql);
            foreach (var (name, value) in values)
                command.Parameters.AddWithValue(name, value);
            return command.ExecuteNonQuery();
        }
    }

    private SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
