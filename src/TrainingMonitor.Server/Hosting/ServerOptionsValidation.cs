using System.ComponentModel.DataAnnotations;
using System.Net;

namespace TrainingMonitor.Server.Hosting;

/// <summary>What is wrong with a set of options, all at once.</summary>
internal static class ServerOptionsValidation
{
    public static IReadOnlyList<string> Problems(ServerOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        var problems = results.Select(r => $"{string.Join(", ", r.MemberNames)}: {r.ErrorMessage}").ToList();

        if (!TryAddress(options.Address, out var address))
        {
            problems.Add($"Address: \"{options.Address}\" is not an IP address or \"localhost\".");
        }
        else if (!IPAddress.IsLoopback(address) && !(options.NoAuth && options.Insecure))
        {
            problems.Add(
                $"Address: {options.Address} can be reached from other machines, and this server does not offer tokens over TLS yet. " +
                "Listen on 127.0.0.1 and reach it through an SSH tunnel, or say NoAuth (--no-auth) and Insecure (--insecure) together to take plain connections from anyone.");
        }

        if (options.Insecure && !options.NoAuth)
            problems.Add("Insecure: goes only together with NoAuth (--no-auth), because a token must not cross a network unencrypted.");
        if (options.GrpcPort != 0 && options.GrpcPort == options.HttpPort)
            problems.Add($"HttpPort: {options.HttpPort} is the gRPC port already.");
        if (options.Token is { } token && token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            problems.Add("Token: must be printable ASCII without spaces.");
        if (options.OtlpEndpoint.Length > 0 && !(Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out var otlp) && otlp.Scheme is ("http" or "https") && otlp.UserInfo.Length == 0))
            problems.Add($"OtlpEndpoint: \"{options.OtlpEndpoint}\" is not an address; one looks like http://127.0.0.1:4318.");
        InfluxSettings.Read(options, problems);
        NotificationSettings.Read(options, problems);
        return problems;
    }

    public static bool TryAddress(string text, out IPAddress address)
    {
        if (text.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            address = IPAddress.Loopback;
            return true;
        }

        return IPAddress.TryParse(text, out address!);
    }
}
