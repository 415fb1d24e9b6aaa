using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Relay;

/// <summary>Hears what happens at a relay. Calls come from background threads and must not block.</summary>
public interface IRelayObserver
{
    /// <summary>A process was taken.</summary>
    void Connected(Hello hello);

    /// <summary>A server took its stream; again after each reconnection.</summary>
    void Welcomed(Hello hello, Welcome welcome);

    /// <summary>A step of it came.</summary>
    void Stepped(Hello hello, ulong step);

    /// <summary>An alert of it came.</summary>
    void Alerted(Hello hello, Alert alert);

    /// <summary>It is over: with a goodbye, or the connection broke; everything was delivered or put aside.</summary>
    void Ended(Hello hello, bool goodbye);

    /// <summary>A connection was turned away.</summary>
    void TurnedAway(string reason);
}
