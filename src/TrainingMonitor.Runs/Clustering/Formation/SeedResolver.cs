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
    public static (string Host, int Port) Split(string seed)
    {
        ArgumentNullException.ThrowIfNull(seed);
        var colon = seed.LastIndexOf(':');
        return colon > 0 && int.TryParse(seed.AsSpan(colon + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? (seed[..colon].Trim('[', ']'), port)
            : throw new FormatException($"\"{seed}\" is not host:port.");
    }
}
