using System.Globalization;
using DuckDB.NET.Data;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Short forms. Numbers are written into the statement, text is always a parameter.</summary>
internal static class Sql
{
    public static void Execute(this DuckDBConnection connection, string sql, params ReadOnlySpan<string> text)
    {
        using var command = Command(connection, sql, text);
        command.ExecuteNonQuery();
    }

    public static List<T> Query<T>(this DuckDBConnection connection, Func<DuckDBDataReader, T> map, string sql, params ReadOnlySpan<string> text)
    {
        using var command = Command(connection, sql, text);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    /// <summary>A name as an identifier.</summary>
    public static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>Text where no parameter is allowed (a file name of COPY).</summary>
    public static string Literal(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>A double exactly.</summary>
    public static string Literal(double value) =>
        double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) + "::DOUBLE" : $"'{value.ToString(CultureInfo.InvariantCulture)}'::DOUBLE";

    public static byte[] Bytes(this DuckDBDataReader reader, int column)
    {
        using var stream = reader.GetStream(column);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static DuckDBCommand Command(DuckDBConnection connection, string sql, ReadOnlySpan<string> text)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var value in text)
        {
            command.Parameters.Add(new DuckDBParameter(value));
        }

        return command;
    }
}
