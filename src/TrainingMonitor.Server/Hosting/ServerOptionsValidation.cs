using System.ComponentModel.DataAnnotations;
using System.Net;
using TrainingMonitor.Server.Security.Tls;

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
        else if (Exposure.Of(options) is { Length: > 0 } exposure && !options.Insecure)
        {
            problems.Add(
                $"Address: {options.Address} can be reached from other machines, and {exposure}. Give a certificate and key (--tls-cert, --tls-key) and ask for tokens or client certificates, " +
                "listen on 127.0.0.1 and reach it through an SSH tunnel, or say Insecure (--insecure).");
        }

        Tls(options, problems);
        if (options.GrpcPort != 0 && options.GrpcPort == options.HttpPort)
            problems.Add($"HttpPort: {options.HttpPort} is the gRPC port already.");
        if (options.Token is { } token && token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            problems.Add("Token: must be printable ASCII without spaces.");
        if (options.OtlpEndpoint.Length > 0 && !(Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out var otlp) && otlp.Scheme is ("http" or "https") && otlp.UserInfo.Length == 0))
            problems.Add($"OtlpEndpoint: \"{options.OtlpEndpoint}\" is not an address; one looks like http://127.0.0.1:4318.");
        if (options.PublicUrl.Length > 0 && !(Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out var pages) && pages.Scheme is ("http" or "https") && pages.UserInfo.Length == 0 && pages.PathAndQuery == "/"))
            problems.Add($"PublicUrl: \"{options.PublicUrl}\" is not an address; one looks like https://monitor.lab:4651.");
        InfluxSettings.Read(options, problems);
        Clustered.ClusterReader.Read(options, problems);
        NotificationSettings.Read(options, problems);
        return problems;
    }

    private static void Tls(ServerOptions options, List<string> problems)
    {
        if (options.TlsCertificate.Length > 0 != options.TlsKey.Length > 0)
            problems.Add($"{(options.TlsKey.Length > 0 ? "TlsCertificate" : "TlsKey")}: is missing; certificate and key go together.");
        else if (options.TlsCertificate.Length > 0 && ServerTls.Problem(options) is { } problem)
            problems.Add(problem);
        if (options.ClientCa.Length > 0 && options.TlsCertificate.Length == 0)
            problems.Add("ClientCa: client certificates need TLS (TlsCertificate, TlsKey).");
        if (options.ClientCa.Length > 0 != options.ClientIdentities.Length > 0)
            problems.Add($"{(options.ClientCa.Length > 0 ? "ClientIdentities" : "ClientCa")}: is missing; the CA says which certificates are good, the identities what each may do.");
        else if (options.ClientIdentities.Length > 0 && ClientIdentities.Problem(options.ClientIdentities) is { } wrong)
            problems.Add(wrong);
        if (options.ClientCa.Length > 0 && options.NoAuth)
            problems.Add("NoAuth: with it nobody is asked for the certificate that ClientCa is about.");
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
