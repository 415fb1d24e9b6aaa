using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Runs.Clustering.Formation;

/// <summary>The addresses behind the configured seeds. Names are looked up each time: pods come and go.</summary>
internal static class SeedResolver
{
    /// <summary>"host:port" of each seed, and of each address that a seed's name stands for.</summary>
    public static async Task<IReadOnlyList<string>> ResolveAsync(IReadOnlyList<string> seeds, CancellationToken cancellationToken)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var seed in seeds)
        {
            found.Add(seed);
            var (host, port) = Split(seed);
            if (IPAddress.TryParse(host, out _))
            {
                continue;
            }

            try
            {
                found.UnionWith((await Dns.GetHostAddressesAsync(host, cancellationToken)).Select(address =>
                    address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{port}" : $"{address}:{port}"));
            }
            catch (SocketException)
            {
                // Nobody has the name yet: this may be the first node.
            }
        }

        return [.. found];
    }

    /// <summary>Host and port of "host:port".</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static (string Host, int Port) Split(string seed) =>
        TrySplit(seed, out var host, out var port) ? (host, port) : throw new FormatException($"\"{seed}\" is not host:port.");

    /// <summary>Host and port of "host:port"; false: it is none.</summary>
    public static bool TrySplit(string seed, out string host, out int port)
    {
        var colon = seed.LastIndexOf(':');
        host = colon > 0 ? seed[..colon].Trim('[', ']') : "";
        return int.TryParse(seed.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && colon > 0 && port is > 0 and <= 65535;
    }
}
