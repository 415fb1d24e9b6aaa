using TrainingMonitor.Notifications;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Storage.Backups;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Run actors with their stores. Disposing takes snapshots and closes everything.</summary>
internal interface INode : IAsyncDisposable
{
    /// <summary>The run actors.</summary>
    IRunGateway Gateway { get; }

    /// <summary>The series store.</summary>
    ISeriesStore Store { get; }

    /// <summary>Recordings.</summary>
    IRecordingSource Recordings { get; }

    /// <summary>Copies of the data folder; null: this node has none.</summary>
    BackupWriter? Backups => null;

    /// <summary>Delivery of alerts; null: nobody is told.</summary>
    NotificationCenter? Notifications => null;

    /// <summary>Completes with a sentence when the node has ended though nobody asked it to: the server must end.</summary>
    Task<string> Lost => Never;

    private static readonly Task<string> Never = new TaskCompletionSource<string>().Task;

    /// <summary>Numbers by name, for /metrics.</summary>
    IReadOnlyDictionary<string, double> Metrics => Gateway.Metrics;
}
