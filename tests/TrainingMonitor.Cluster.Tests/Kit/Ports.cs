using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>Ports that were free a moment ago. Below those that the system gives to outgoing connections, so that a node that is away does not lose its own.</summary>
internal static class Ports
{
    private const int First = 20_000, Last = 32_000;
    private static int next = First + (Environment.ProcessId * 37 % (Last - First));

    public static int Free()
    {
        while (true)
        {
            var port = First + ((Interlocked.Increment(ref next) - First) % (Last - First));
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
