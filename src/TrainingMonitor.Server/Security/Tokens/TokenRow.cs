using System.Data.Common;
using System.Text.Json;

namespace TrainingMonitor.Server.Security.Tokens;

/// <summary>A token as a row of either database.</summary>
internal static class TokenRow
{
    public const string Columns = "name, hash, cookie, scopes, projects, created_ms, expires_ms";

    public const string Parameters = "@name, @hash, @cookie, @scopes, @projects, @created, @expires";

    public static TokenEntry Read(DbDataReader reader) => new(
        reader.GetString(0),
        reader.GetFieldValue<byte[]>(1),
        reader.GetFieldValue<byte[]>(2),
        (TokenScopes)reader.GetInt32(3),
        reader.IsDBNull(4) ? null : JsonSerializer.Deserialize<string[]>(reader.GetString(4)),
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(5)),
        reader.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(6)));

    public static (string Name, object Value)[] Values(TokenEntry entry) =>
    [
        ("@name", entry.Name), ("@hash", entry.Hash), ("@cookie", entry.CookieHash), ("@scopes", (int)entry.Scopes),
        ("@projects", entry.Projects is null ? DBNull.Value : JsonSerializer.Serialize(entry.Projects)),
        ("@created", entry.Created.ToUnixTimeMilliseconds()), ("@expires", entry.Expires is { } end ? end.ToUnixTimeMilliseconds() : DBNull.Value),
    ];
}
