using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Connection;

/// <summary>What a connection tells the client. Calls come from background threads and must not block.</summary>
internal interface ISessionObserver
{
    /// <summary>The server took the stream.</summary>
    void Welcomed(Welcome welcome);

    /// <summary>An alert came.</summary>
    void Alerted(Alert alert);

    /// <summary>Advice came.</summary>
    void Advised(Advice advice);
}
