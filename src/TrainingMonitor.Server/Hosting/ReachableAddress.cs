using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace TrainingMonitor.Server.Hosting;

/// <summary>An address that other machines can open, for links in alerts and for trainers.</summary>
internal static class ReachableAddress
{
    /// <summary>The address itself; of "every address of this machine" one of them, by number, which the server answers to. 127.0.0.1 where there is no other.</summary>
    public static Uri Of(Uri listening) => IsEvery(listening.DnsSafeHost)
        ? new UriBuilder(listening) { Host = First().ToString() }.Uri
        : listening;

    /// <summary>Whether a host is "every address of this machine".</summary>
    public static bool IsEvery(string host) => IPAddress.TryParse(host, out var own) && (own.Equals(IPAddress.Any) || own.Equals(IPAddress.IPv6Any));

    // Interfaces with a gateway come first: containers' bridges have none.
    private static IPAddress First() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus is OperationalStatus.Up && network.NetworkInterfaceType is not NetworkInterfaceType.Loopback)
        .Select(network => network.GetIPProperties())
        .OrderByDescending(properties => properties.GatewayAddresses.Count)
        .SelectMany(properties => properties.UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily is AddressFamily.InterNetwork, IPAddress.Loopback);
}
