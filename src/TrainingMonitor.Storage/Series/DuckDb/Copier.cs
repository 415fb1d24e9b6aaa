using DuckDB.NET.Data;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>A copy of the whole database as of one moment, made by DuckDB in one transaction.</summary>
internal static class Copier
{
    private const string Target = "backup_target";

    public static void Copy(DuckDBConnection connection, string path)
    {
        var source = connection.Query(row => row.GetString(0), "SELECT current_database()")[0];
        connection.Execute($"ATTACH {Sql.Literal(path)} AS {Target}");
        try
        {
            using (var transaction = connection.BeginTransaction())
            {
                connection.Execute($"COPY FROM DATABASE {Sql.Name(source)} TO {Target}");
                transaction.Commit();
            }

            // Everything in the one file, and no log beside it.
            connection.Execute($"CHECKPOINT {Target}");
        }
        finally
        {
            connection.Execute($"DETACH {Target}");
        }
    }
}
