using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Security.Auditing;

namespace TrainingMonitor.Server.Security.Tls;

/// <summary>Certificate and key of both ports, and the CA of client certificates. Read again when the files change: new connections get the new certificate, running ones go on.</summary>
internal sealed class ServerTls
{
    private static readonly TimeSpan Warning = TimeSpan.FromDays(7);
    private readonly ServerOptions options;
    private readonly AuditLog audit;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly WatchedFiles files;
    private readonly Lock gate = new();
    private Material material;
    private long looked;

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidOperationException">One cannot be used; the message names the option.</exception>
    public ServerTls(ServerOptions options, AuditLog audit, TimeProvider time, ILogger<ServerTls> log)
    {
        (this.options, this.audit, this.time, this.log) = (options, audit, time, log);
        string[] paths = [options.TlsCertificate, options.TlsKey, options.ClientCa];
        files = new WatchedFiles([.. paths.Where(path => path.Length > 0)]);
        material = Read(options);
        looked = time.GetTimestamp();
        files.HaveChanged();
        Say();
    }

    /// <summary>Whether the certificate is for a host name.</summary>
    public bool IsFor(string host) => host.Length > 0 && Current().Leaf.MatchesHostname(host.Trim('[', ']'), allowWildcards: true, allowCommonName: false);

    /// <summary>What is wrong with the files, or null.</summary>
    public static string? Problem(ServerOptions options)
    {
        try
        {
            using var read = Read(options);
            return null;
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }
    }

    /// <summary>For each new connection.</summary>
    public ValueTask<SslServerAuthenticationOptions> OnConnection(TlsHandshakeCallbackContext context)
    {
        var now = Current();
        var remote = context.Connection.RemoteEndPoint?.ToString() ?? "";
        return ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = now.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = now.ClientPolicy is not null,
            CertificateChainPolicy = now.ClientPolicy?.Clone(),
            RemoteCertificateValidationCallback = now.ClientPolicy is null ? null : (_, certificate, chain, errors) => Accept(remote, certificate, chain, errors),
        });
    }

    // Without a certificate a token is asked for. One that is given must be right: nobody wonders why it does nothing.
    private bool Accept(string remote, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors == SslPolicyErrors.None)
            return true;
        var reason = chain is { ChainStatus: [var first, ..] } ? first.StatusInformation.Trim() : errors.ToString();
        log.ClientRefused(remote, certificate.Subject, reason);
        audit.Write(new AuditEntry("", "certificate", remote[..Math.Max(0, remote.LastIndexOf(':'))], "tls.handshake", certificate.Subject, "denied", reason));
        return false;
    }

    private Material Current()
    {
        lock (gate)
        {
            if (time.GetElapsedTime(looked) < TimeSpan.FromSeconds(1))
                return material;
            looked = time.GetTimestamp();
            try
            {
                if (files.HaveChanged())
                {
                    material = Read(options);
                    Say();
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // Half of a rotation, perhaps: it is looked at again when the files change again.
                log.NotReloaded(nameof(ServerOptions.TlsCertificate), error.Message);
            }

            return material;
        }
    }

    private void Say()
    {
        var end = new DateTimeOffset(material.Leaf.NotAfter);
        log.Loaded(material.Leaf.Subject, end);
        if (end - time.GetUtcNow() < Warning)
            log.EndsSoon(material.Leaf.Subject, end);
    }

    private static Material Read(ServerOptions options)
    {
        X509Certificate2 leaf;
        var chain = new X509Certificate2Collection();
        try
        {
            leaf = X509Certificate2.CreateFromPemFile(options.TlsCertificate, options.TlsKey);
            chain.ImportFromPemFile(options.TlsCertificate);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException($"TlsCertificate, TlsKey: {options.TlsCertificate} and {options.TlsKey} are no certificate and key in PEM: {error.Message}", error);
        }

        var roots = options.ClientCa.Length == 0 ? null : Roots(options.ClientCa);
        return new Material(leaf, SslStreamCertificateContext.Create(leaf, [.. chain.Skip(1)], offline: true), roots is null ? null : Policy(roots));
    }

    private static X509Certificate2Collection Roots(string path)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidOperationException($"ClientCa: {path} cannot be read: {error.Message}", error);
        }

        return roots.Count > 0 ? roots : throw new InvalidOperationException($"ClientCa: {path} holds no certificate in PEM.");
    }

    private static X509ChainPolicy Policy(X509Certificate2Collection roots)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return policy;
    }

    private sealed record Material(X509Certificate2 Leaf, SslStreamCertificateContext Context, X509ChainPolicy? ClientPolicy) : IDisposable
    {
        public void Dispose() => Leaf.Dispose();
    }
}
