using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Notifications in one SQLite file of one server. It has one connection, and the store uses it for one thing at a time.</summary>
internal sealed class SqliteNotifications(string path, TimeProvider time, Action<string, string> movedAside) : INotificationDatabase
{
    private readonly SqliteConnection connection = NotificationFile.Open(path, time, movedAside);

    public string Prefix => "";

    public DbConnection Rent() => connection;

    public void Return(DbConnection connection)
    {
        // It stays open.
    }

    public void Enter(DbTransaction transaction, long epoch)
    {
        // Nobody else is there.
    }

    public void Dispose() => connection.Dispose();
}
