using System.Data.Common;
using System.Globalization;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Alerts, queues, silences and acknowledgements. Everything that is done between <see cref="Begin"/> and its commit is durable together.
/// Thread-safe: one at a time.</summary>
/// <param name="database">Where they are kept.</param>
/// <param name="epoch">Epoch of delivery, which each transaction asks for; 0: this is not delivery, or the database is nobody else's.</param>
internal sealed partial class NotificationStore(INotificationDatabase database, long epoch = 0)
{
    private readonly string prefix = database.Prefix;
    private readonly Lock gate = new();
    private DbTransaction? open;

    /// <summary>Does several things as one.</summary>
    public T Begin<T>(Func<T> work)
    {
        lock (gate)
        {
            return open is not null ? work() : Use(connection =>
            {
                using var transaction = connection.BeginTransaction();
                database.Enter(transaction, epoch);
                open = transaction;
                try
                {
                    var result = work();
                    transaction.Commit();
                    return result;
                }
                finally
                {
                    open = null;
                }
            });
        }
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static object OrNull(DateTimeOffset? time) => time is { } known ? Ms(known) : DBNull.Value;

    private static DateTimeOffset? TimeOrNull(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : Time(reader.GetInt64(column));

    private static Alert Parse(DbDataReader reader, int column) => Alert.Parser.ParseFrom(reader.GetFieldValue<byte[]>(column));

    private int Execute(string sql, params (string Name, object Value)[] values) => Use(connection =>
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    });

    private long Number(string sql, params (string Name, object Value)[] values) => Use(connection =>
    {
        using var command = Command(connection, sql, values);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    });

    private List<T> Read<T>(Func<DbDataReader, T> row, string sql, params (string Name, object Value)[] values) => Use(connection =>
    {
        using var command = Command(connection, sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    });

    /// <summary>The connection of the transaction under way, or one for this alone.</summary>
    private T Use<T>(Func<DbConnection, T> work)
    {
        lock (gate)
        {
            if (open is not null)
            {
                return work(open.Connection!);
            }

            var connection = database.Rent();
            try
            {
                return work(connection);
            }
            finally
            {
                database.Return(connection);
            }
        }
    }

    private DbCommand Command(DbConnection connection, string sql, (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = open;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
