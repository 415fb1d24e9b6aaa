using System.Data.Common;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Notifications that the nodes of a cluster share: docs/design/142. Every node puts transitions into the inbox; one node at a time delivers.</summary>
public interface ISharedNotifications : INotificationDatabase
{
    /// <summary>Puts transitions of a run into the inbox; they are durable when it returns. One that is there already is left as it is.</summary>
    /// <param name="run">The run.</param>
    /// <param name="project">Its project; may be empty.</param>
    /// <param name="alerts">Transitions, in order.</param>
    /// <param name="ended">Whether the run has ended; null: nothing new about that.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IOException">The database does not answer; nothing is lost as long as the caller tries again.</exception>
    Task PostAsync(string run, string project, IReadOnlyList<Alert> alerts, bool? ended, CancellationToken cancellationToken);

    /// <summary>Takes delivery over where nobody has it, or keeps it for longer. Returns its epoch, which grows with each change of hands; null: another node has it.</summary>
    /// <param name="node">This process.</param>
    /// <param name="owner">Its name, for people.</param>
    /// <param name="length">How long, by the database's clock.</param>
    /// <exception cref="DbException">The database does not answer.</exception>
    long? Hold(Guid node, string owner, TimeSpan length);

    /// <summary>Lets others have delivery at once.</summary>
    /// <exception cref="DbException">The database does not answer.</exception>
    void LetGo(Guid node);
}
