using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TrainingMonitor.Runs.Clustering;
using TrainingMonitor.Runs.Tests.Kit;

namespace TrainingMonitor.Runs.Tests.Clustering;

/// <summary>Who may be a node: whoever holds a certificate of the cluster's CA, and nobody else.</summary>
public sealed class ClusterTlsTests : IDisposable
{
    private readonly X509Certificate2 authority = Authority("Nodes");
    private readonly X509Certificate2 another = Authority("Others");

    [Fact]
    public async Task Nodes_with_certificates_of_the_clusters_CA_form_a_cluster_and_carry_runs()
    {
        await using var cluster = new TestCluster { Configure = options => options with { Tls = Signed(authority, authority) } };
        await TestCluster.StartAsync(2, cluster);
        var run = await cluster.RunOfAsync(1);
        var trainer = new Trainer(run).Table().Steps(0, 20).Goodbye();
        var (_, session) = await cluster.SendAsync(0, trainer);
        await TestNode.UntilAsync(() => session.Durable == (ulong)trainer.Frames.Count);
    }

    [Theory]
    [InlineData("another CA")]
    [InlineData("no certificate")]
    public async Task Others_are_not_let_in(string who)
    {
        var tls = Signed(authority, authority);
        var cluster = new TestCluster { Configure = options => options with { Tls = tls } };
        await using var _ = cluster;
        await TestCluster.StartAsync(1, cluster);
        tls = who == "no certificate" ? null! : Signed(another, authority);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        soon.CancelAfter(TimeSpan.FromSeconds(6));
        await Should.ThrowAsync<OperationCanceledException>(() => cluster.AddAsync(soon.Token));
        cluster.Nodes[0].Gateway.Metrics["cluster_members"].ShouldBe(1);
    }

    public void Dispose()
    {
        authority.Dispose();
        another.Dispose();
    }

    private static ClusterTls Signed(X509Certificate2 by, X509Certificate2 trusted)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var signed = request.Create(by, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return new ClusterTls(X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null), X509CertificateLoader.LoadCertificate(trusted.RawData));
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), DateTimeOffset.UtcNow.AddDays(2));
    }
}
