namespace TrainingMonitor.Server.Security;

/// <summary>What a caller may do. Admin includes the other two.</summary>
[Flags]
internal enum TokenScopes
{
    /// <summary>Nothing but to say who it is.</summary>
    None = 0,

    /// <summary>Streams of trainers.</summary>
    Ingest = 1,

    /// <summary>Runs, series, alerts, exports, recordings, pages.</summary>
    Read = 2,

    /// <summary>Silences, acknowledgements; for all projects also tokens, tests of receivers, backups.</summary>
    Admin = 4,
}
