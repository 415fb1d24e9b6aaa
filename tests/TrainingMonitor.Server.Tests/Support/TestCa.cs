using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>A certificate authority for a test, and PEM files of what it signs.</summary>
internal sealed class TestCa : IDisposable
{
    private const string ServerUse = "1.3.6.1.5.5.7.3.1", ClientUse = "1.3.6.1.5.5.7.3.2";
    private readonly string folder = Directory.CreateTempSubdirectory("trainmon-ca-").FullName;
    private readonly X509Certificate2 authority;

    public TestCa(string name = "Test CA")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(1));
        File.WriteAllText(CaFile, authority.ExportCertificatePem());
    }

    public string CaFile => Path.Combine(folder, "ca.pem");

    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>Files "NAME.pem" and "NAME.key" for the server of loopback.</summary>
    public (string Certificate, string Key) Server(string name = "server", string dns = "localhost", int days = 30, int fromDays = -1, bool address = true) => Issue(
        name, $"CN={name}", ServerUse, days, fromDays, names =>
        {
            names.AddDnsName(dns);
            if (address)
                names.AddIpAddress(IPAddress.Loopback);
        });

    public (string Certificate, string Key) Client(string subject, string? uri = null, int days = 30, int fromDays = -1) => Issue(
        "client-" + Guid.NewGuid().ToString("N"), subject, ClientUse, days, fromDays, names =>
        {
            names.AddDnsName("client.lab");
            if (uri is not null)
                names.AddUri(new Uri(uri));
        });

    public void Dispose()
    {
        authority.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private (string Certificate, string Key) Issue(string name, string subject, string use, int days, int fromDays, Action<SubjectAlternativeNameBuilder> named)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        named(names);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var issued = request.Create(authority, DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(days), RandomNumberGenerator.GetBytes(12));
        var (certificate, keyFile) = (Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        // Aside and renamed, as whoever rotates certificates does.
        Write(keyFile, key.ExportPkcs8PrivateKeyPem());
        Write(certificate, issued.ExportCertificatePem());
        return (certificate, keyFile);
    }

    private static void Write(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
