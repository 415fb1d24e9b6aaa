using TrainingMonitor.Notifications;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Storage.Backups;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Server.Hosting;

/// <summary>
/// The run actors and stores, once they are there: the ports accept while a node still recovers, and calls that come too early are asked to
/// try again.
/// </summary>
internal sealed class MonitorServices
{
    private volatile Parts? parts;

    /// <summary>Recovery is over.</summary>
    public bool Ready => parts is not null;

    /// <summary>The run actors.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE while the node starts.</exception>
    public IRunGateway Gateway => Get().Node.Gateway;

    /// <summary>The series store.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE while the node starts.</exception>
    public ISeriesStore Store => Get().Node.Store;

    /// <summary>Recordings.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE while the node starts.</exception>
    public IRecordingSource Recordings => Get().Node.Recordings;

    /// <summary>Copies of the data folder; null: this node has none.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE while the node starts.</exception>
    public BackupWriter? Backups => Get().Node.Backups;

    /// <summary>Delivery of alerts; null: nobody is told.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE while the node starts.</exception>
    public NotificationCenter? Notifications => Get().Node.Notifications;

    /// <summary>Numbers of the node by name.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE while the node starts.</exception>
    public IReadOnlyDictionary<string, double> Metrics => Get().Node.Metrics;

    public void Set(INode node) => parts = new Parts(node);

    private Parts Get() => parts ?? throw Refusal.Unavailable("The server is starting and reads its log.", TimeSpan.FromSeconds(1));

    private sealed record Parts(INode Node);
}
