using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TrainingMonitor.Client;

/// <summary>PEM files of a client's TLS; null: what the machine trusts, and no certificate of its own.</summary>
/// <param name="CaFile">CA that the server's certificate must come from.</param>
/// <param name="Certificate">Certificate to show to the server.</param>
/// <param name="Key">Its key.</param>
public sealed record ClientTlsFiles(string? CaFile, string? Certificate, string? Key)
{
    /// <summary>None.</summary>
    public static ClientTlsFiles None { get; } = new(null, null, null);

    /// <summary>Reads the files; a server whose certificate is wrong is refused with a sentence that says why.</summary>
    /// <exception cref="InvalidOperationException">A file cannot be used; the message names it.</exception>
    public SslClientAuthenticationOptions Read()
    {
        if (Certificate is null != Key is null)
            throw new InvalidOperationException("a client certificate and its key go together, and one is missing");
        var options = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Judge };
        try
        {
            if (CaFile is not null)
            {
                var roots = new X509Certificate2Collection();
                roots.ImportFromPemFile(CaFile);
                if (roots.Count == 0)
                    throw new InvalidOperationException($"{CaFile} holds no certificate in PEM");
                options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
            }

            if (Certificate is not null)
            {
                var chain = new X509Certificate2Collection();
                chain.ImportFromPemFile(Certificate);
                options.ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(Certificate, Key), [.. chain.Skip(1)], offline: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException($"the files of TLS cannot be used: {error.Message}", error);
        }

        return options;
    }

    // Thrown rather than answered with false: the sentence is what the user sees.
    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (certificate is not X509Certificate2 shown)
            throw new AuthenticationException("the server shows no certificate");
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        if ((status & X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError)
            throw new AuthenticationException($"the certificate of the server is good from {shown.NotBefore:yyyy-MM-dd HH:mm} to {shown.NotAfter:yyyy-MM-dd HH:mm} only: renew it, or set the clock");
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            throw new AuthenticationException(CaFile is null
                ? $"the certificate of the server ({shown.Subject}, issued by {shown.Issuer}) comes from no CA that this machine trusts: give its CA (TRAINMON_CA_FILE)"
                : $"the certificate of the server ({shown.Subject}, issued by {shown.Issuer}) does not come from the CA in {CaFile}");
        }

        throw new AuthenticationException($"the certificate of the server is for {Names(shown)}, not for {(sender as SslStream)?.TargetHostName}: name the server as its certificate does");
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.Subject;
    }
}
