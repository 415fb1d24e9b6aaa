namespace TrainingMonitor.Client.Setup;

/// <summary>The bearer token of each connection: the one that was given, else, for a server on this machine, what the token file holds by then. A trainer may be
/// older than the server's first start, which makes the file.</summary>
/// <param name="given">From the options or TRAINMON_TOKEN; null: not given.</param>
/// <param name="allowPlain">The given token may cross a network unencrypted.</param>
/// <param name="environment">Where the folder of the token file is named.</param>
internal sealed class TokenSource(string? given, bool allowPlain, Func<string, string?> environment)
{
    /// <summary>Whether nobody on the way can read a token: TLS, or this machine.</summary>
    public static bool IsSafe(Uri server) => server.IsLoopback || server.Scheme == Uri.UriSchemeHttps;

    /// <summary>Whether a server that another recommends gets the token as safely as that one.</summary>
    public bool MayGoTo(Uri server) => given is null || allowPlain || IsSafe(server);

    /// <summary>The token for that server; null: none. The file's token is this machine's and goes to no other; a given one goes to an address that a server recommended only as safely as
    /// to the first.</summary>
    public string? For(Uri server) => given is not null ? (MayGoTo(server) ? given : null) : (server.IsLoopback ? TokenFile.Read(environment) : null);

    /// <summary>Whether a server that refused <paramref name="refused"/> may take the next one: there was no file yet, or it has changed since.</summary>
    public bool MayChange(Uri server, string? refused) => given is null && server.IsLoopback && (refused is null || For(server) != refused);
}
