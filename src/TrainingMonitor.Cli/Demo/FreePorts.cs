using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Cli.Demo;

/// <summary>Whether ports of this machine are free.</summary>
internal static class FreePorts
{
    /// <summary>True where all of them can be listened on now.</summary>
    public static bool Are(params ReadOnlySpan<int> ports)
    {
        foreach (var port in ports)
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
            }
            catch (SocketException)
            {
                return false;
            }
        }

        return true;
    }
}
