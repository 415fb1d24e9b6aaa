using System.Data.Common;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Where alerts, queues, silences and acknowledgements are kept: a file of one server, or tables that the nodes of a cluster share. The statements are the same.</summary>
public interface INotificationDatabase : IDisposable
{
    /// <summary>Stands before the name of each table; may be empty.</summary>
    string Prefix { get; }

    /// <summary>An open connection for one statement or one transaction.</summary>
    /// <exception cref="DbException">There is none to be had now.</exception>
    DbConnection Rent();

    /// <summary>Gives a connection back.</summary>
    void Return(DbConnection connection);

    /// <summary>Is called first in each transaction. From here to the commit nobody else is in one, at any node.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="epoch">Epoch of whoever delivers; 0: this is not delivery.</param>
    /// <exception cref="DeliveryLostException">Another node delivers now.</exception>
    void Enter(DbTransaction transaction, long epoch);
}
