using System.Net;

namespace TrainingMonitor.Server.Hosting;

/// <summary>What is unsafe about where a server listens: asked before it starts, and said as long as it runs.</summary>
internal static class Exposure
{
    /// <summary>In words; empty: nothing.</summary>
    public static string Of(ServerOptions options)
    {
        if (!ServerOptionsValidation.TryAddress(options.Address, out var address) || IPAddress.IsLoopback(address))
            return "";
        var plain = options.TlsCertificate.Length == 0;
        return (plain, options.NoAuth) switch
        {
            (true, true) => "connections are not encrypted and nobody is asked for a token",
            (true, false) => "connections are not encrypted, so that tokens cross the network in plain text",
            (false, true) => "nobody is asked for a token or certificate",
            _ => "",
        };
    }
}
