namespace TrainingMonitor.Load.Testing.Histories;

/// <summary>What happened to a trainer.</summary>
public enum HistoryKind
{
    /// <summary>The process began; <see cref="HistoryEntry.Text"/> is its start id.</summary>
    Started,

    /// <summary>A stream was opened to the address in <see cref="HistoryEntry.Text"/>.</summary>
    Connecting,

    /// <summary>The Hello of a stream was sent; <see cref="HistoryEntry.Text"/> is the start id of the process it speaks for.</summary>
    Hello,

    /// <summary>A server took the stream.</summary>
    Welcome,

    /// <summary>A frame was about to be sent.</summary>
    Frame,

    /// <summary>An ack came.</summary>
    Ack,

    /// <summary>An alert came.</summary>
    Alert,

    /// <summary>A server asked to leave; <see cref="HistoryEntry.Text"/> is where to.</summary>
    GoAway,

    /// <summary>A stream was over; <see cref="HistoryEntry.Text"/> says how.</summary>
    StreamEnded,

    /// <summary>The client said something to its user.</summary>
    Said,

    /// <summary>The trainer stood still and everything it had reported was durable.</summary>
    Settled,

    /// <summary>The trainer ended by itself.</summary>
    Finished,
}
