using System.Net.Sockets;
using System.Security.Authentication;
using TrainingMonitor.Client;

namespace TrainingMonitor.Cli.Connection;

/// <summary>Finds what is wrong with TLS in the exceptions around it.</summary>
internal static class TlsTrouble
{
    /// <summary>In words; null: it is something else.</summary>
    public static string? Of(Exception? error, ClientTlsFiles? tls)
    {
        var ended = false;
        for (var at = error; at is not null; at = at.InnerException)
        {
            if (at is AuthenticationException)
            {
                return at.GetBaseException().Message.TrimEnd('.');
            }

            if (at is SocketException { SocketErrorCode: not SocketError.ConnectionReset })
            {
                return null;
            }

            ended |= at is IOException or SocketException;
        }

        // A server says only by ending the connection that it refuses a certificate: that is how TLS 1.3 is.
        return ended && tls?.Certificate is { } own
            ? $"it ends the connection at once; perhaps it refuses the client certificate {own}, which its log would say (another CA, expired, not for clients)"
            : null;
    }
}
