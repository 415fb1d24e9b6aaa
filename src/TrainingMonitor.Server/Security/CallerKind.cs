namespace TrainingMonitor.Server.Security;

/// <summary>How a caller showed who it is.</summary>
internal enum CallerKind
{
    /// <summary>Nobody was asked (NoAuth).</summary>
    Anyone,

    /// <summary>The server's own token: the file of the data folder, or the option.</summary>
    Owner,

    /// <summary>A token that was created.</summary>
    Token,

    /// <summary>A client certificate.</summary>
    Certificate,
}
