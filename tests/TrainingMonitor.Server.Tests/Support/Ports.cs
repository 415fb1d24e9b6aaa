using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>Ports that were free a moment ago, for tests that must know one before the server says it.</summary>
internal static class Ports
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
