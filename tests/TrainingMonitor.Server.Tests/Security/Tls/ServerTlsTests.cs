using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Security.Tls;

public sealed class ServerTlsTests : IDisposable
{
    private readonly TestCa ca = new();

    public void Dispose() => ca.Dispose();

    [Fact]
    public async Task Both_ports_speak_tls_and_a_renewed_certificate_is_used_without_a_restart()
    {
        var (certificate, key) = ca.Server("first");
        await using var server = await ServerUnderTest.StartAsync(o => o with { TlsCertificate = certificate, TlsKey = key });
        (server.Server.GrpcAddress.Scheme, server.Server.HttpAddress.Scheme).ShouldBe(("https", "https"));
        (await RunsAsync(server, new ClientTlsFiles(ca.CaFile, null, null), server.Token)).ShouldBe(StatusCode.OK);
        var before = await ShownAsync(server.Server.GrpcAddress);

        // The same files, another certificate: what a rotation leaves behind.
        var next = ca.Server("next");
        File.Move(next.Key, key, overwrite: true);
        File.Move(next.Certificate, certificate, overwrite: true);
        await Eventually.Async(async () => await ShownAsync(server.Server.GrpcAddress) is var shown && shown != before && shown == await ShownAsync(server.Server.HttpAddress));
        (await RunsAsync(server, new ClientTlsFiles(ca.CaFile, null, null), server.Token)).ShouldBe(StatusCode.OK);

        // Half a rotation changes nothing.
        var good = await ShownAsync(server.Server.GrpcAddress);
        await File.WriteAllTextAsync(certificate, "half", TestContext.Current.CancellationToken);
        await Eventually.Async(async () => await ShownAsync(server.Server.GrpcAddress) == good && server.Log.Any(l => l.Contains("stays in use", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_client_certificate_has_the_rights_that_its_name_is_given()
    {
        var (certificate, key) = ca.Server();
        var identities = ca.PathOf("identities.json");
        await File.WriteAllTextAsync(identities, """
            [
              { "name": "trainers", "san": "URI:spiffe://lab/trainer", "scopes": ["ingest"], "projects": ["tests"] },
              { "name": "ops", "subject": "CN=ops, O=Lab", "scopes": ["read"] }, // a comment
            ]
            """, TestContext.Current.CancellationToken);
        await using var server = await ServerUnderTest.StartAsync(o => o with { TlsCertificate = certificate, TlsKey = key, ClientCa = ca.CaFile, ClientIdentities = identities });
        var (trainer, ops, unknown) = (Files(ca.Client("CN=t1", "spiffe://lab/trainer")), Files(ca.Client("CN=ops, O=Lab")), Files(ca.Client("CN=stranger, O=Lab")));

        (await RunsAsync(server, ops, null)).ShouldBe(StatusCode.OK);
        (await RunsAsync(server, trainer, null)).ShouldBe(StatusCode.PermissionDenied);
        (await RunsAsync(server, unknown, null)).ShouldBe(StatusCode.Unauthenticated);
        (await RunsAsync(server, Files(default), null)).ShouldBe(StatusCode.Unauthenticated);
        (await RunsAsync(server, Files(default), server.Token)).ShouldBe(StatusCode.OK);

        using (var http = new HttpClient(new SocketsHttpHandler { SslOptions = ops.Read() }) { BaseAddress = server.Server.HttpAddress })
        {
            (await http.GetAsync("/api/v1/runs", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
            (await http.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
            (await http.PostAsync("/api/v1/login-link", null, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(System.Net.HttpStatusCode.Conflict);
        }

        using var channel = Channel(server, trainer);
        using var stream = new Trainer(channel, server.Call(""));
        await stream.OpenAsync();
        // Its entry is taken out of the file: what runs on it ends.
        await File.WriteAllTextAsync(identities, """[ { "name": "ops", "subject": "CN=ops,O=Lab", "scopes": ["read"] } ]""", TestContext.Current.CancellationToken);
        (await stream.ReadErrorAsync()).Error.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        (await RunsAsync(server, ops, null)).ShouldBe(StatusCode.OK);
    }

    [Fact]
    public async Task A_certificate_that_is_expired_or_of_another_ca_is_no_way_in()
    {
        using var other = new TestCa("Other CA");
        var (certificate, key) = ca.Server();
        var identities = ca.PathOf("identities.json");
        await File.WriteAllTextAsync(identities, """[ { "name": "ops", "subject": "CN=ops", "scopes": ["admin"] } ]""", TestContext.Current.CancellationToken);
        await using var server = await ServerUnderTest.StartAsync(o => o with { TlsCertificate = certificate, TlsKey = key, ClientCa = ca.CaFile, ClientIdentities = identities });
        (await RunsAsync(server, Files(ca.Client("CN=ops")), null)).ShouldBe(StatusCode.OK);
        (await RunsAsync(server, Files(other.Client("CN=ops")), null)).ShouldNotBe(StatusCode.OK);
        (await RunsAsync(server, Files(ca.Client("CN=ops", days: -1, fromDays: -10)), null)).ShouldNotBe(StatusCode.OK);
        // A server's certificate is not one for clients.
        (await RunsAsync(server, Files(ca.Server("ops")), null)).ShouldNotBe(StatusCode.OK);
        server.Log.Count(l => l.Contains("client certificate", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public void Files_that_cannot_be_used_stop_the_start_and_are_named()
    {
        var (certificate, key) = ca.Server();
        var other = ca.Server("other");
        var bad = ca.PathOf("bad.json");
        Problem("TlsKey: is missing", ("TlsCertificate", certificate));
        Problem("TlsCertificate: is missing", ("TlsKey", key));
        Problem("no certificate and key", ("TlsCertificate", certificate), ("TlsKey", other.Key));
        Problem("no certificate and key", ("TlsCertificate", "/nowhere"), ("TlsKey", key));
        Problem("ClientCa: client certificates need TLS", ("ClientCa", ca.CaFile));
        Problem("ClientIdentities: is missing", ("TlsCertificate", certificate), ("TlsKey", key), ("ClientCa", ca.CaFile));
        Problem("holds no certificate", ("TlsCertificate", certificate), ("TlsKey", key), ("ClientCa", key), ("ClientIdentities", bad));
        foreach (var (text, problem) in ((string, string)[])
        [
            ("nonsense", "is no list"), ("""[{"name":"a"}]""", "[0].subject, san"), ("""[{"name":"a","san":"x","scopes":["read"]}]""", "[0].san"), ("""[{"name":"a","san":"DNS:x","scopes":["all"]}]""", "[0].scopes"),
            ("""[{"name":"a","san":"DNS:x","scopes":["read"],"projects":[]}]""", "[0].projects"), ("""[{"name":"a","sna":"DNS:x"}]""", "sna"), ("""[{"san":"DNS:x"}]""", "[0].name"),
        ])
        {
            File.WriteAllText(bad, text);
            Problem(problem, ("TlsCertificate", certificate), ("TlsKey", key), ("ClientCa", ca.CaFile), ("ClientIdentities", bad));
        }

        static void Problem(string part, params (string Name, string Value)[] said) => Should.Throw<InvalidOperationException>(() =>
            ServerOptionsReport.Resolve(said.ToDictionary(s => s.Name, s => s.Value), environment: new Dictionary<string, string>())).Message.ShouldContain(part);
    }

    [Fact]
    public async Task Pages_go_by_the_names_in_the_certificate()
    {
        var (certificate, key) = ca.Server(dns: "monitor.lab");
        await using var server = await ServerUnderTest.StartAsync(o => o with { TlsCertificate = certificate, TlsKey = key });
        foreach (var (host, expected) in ((string, int)[])[("monitor.lab", 200), ("evil.example", 400)])
        {
            using var http = new HttpClient(new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } }) { BaseAddress = server.Server.HttpAddress };
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs") { Headers = { Host = host, Authorization = new("Bearer", server.Token) } };
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            ((int)answer.StatusCode).ShouldBe(expected, host);
        }
    }

    private ClientTlsFiles Files((string? Certificate, string? Key) own) => new(ca.CaFile, own.Certificate, own.Key);

    private static GrpcChannel Channel(ServerUnderTest server, ClientTlsFiles files) =>
        GrpcChannel.ForAddress(server.Server.GrpcAddress, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { SslOptions = files.Read() }, DisposeHttpClient = true });

    private static async Task<StatusCode> RunsAsync(ServerUnderTest server, ClientTlsFiles files, string? token)
    {
        using var channel = Channel(server, files);
        try
        {
            await new Protocol.V1.Queries.QueriesClient(channel).ListRunsAsync(new ListRunsRequest(), token is null ? [] : new Metadata { { "authorization", "Bearer " + token } });
            return StatusCode.OK;
        }
        catch (RpcException error)
        {
            return error.StatusCode;
        }
    }

    private static async Task<string> ShownAsync(Uri address)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null }, TestContext.Current.CancellationToken);
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }
}
