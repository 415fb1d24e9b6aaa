using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Hosting.Clustered;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Hosting;

public sealed class ClusterOptionsTests
{
    private static readonly Dictionary<string, string> Enough = new(StringComparer.Ordinal)
    {
        ["Cluster"] = "true", ["Postgres"] = "Host=db;Password=very-secret-indeed", ["InfluxUrl"] = "http://influx:8086",
    };

    [Fact]
    public void A_node_is_one_option_apart_from_an_embedded_server()
    {
        var (cluster, postgres) = ClusterReader.Read(Resolve().Options, []).ShouldNotBeNull();
        (cluster.Name, cluster.Host, cluster.Port, cluster.HasRuns).ShouldBe(("trainmon", "127.0.0.1", 4652, true));
        postgres.ConnectionString.ShouldBe(Enough["Postgres"]);
        ClusterReader.Read(new ServerOptions(), []).ShouldBeNull();
    }

    [Fact]
    public void The_database_and_its_password_are_a_secret() => Resolve().ToString().ShouldNotContain("very-secret");

    [Fact]
    public void The_connection_string_may_be_in_a_file()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "postgres");
        File.WriteAllText(file, "Host=elsewhere\n");
        ClusterReader.Read(Resolve(("Postgres", ""), ("PostgresFile", file)).Options, []).ShouldNotBeNull().Postgres.ConnectionString.ShouldBe("Host=elsewhere");
        Problem(("PostgresFile", file + ".gone")).ShouldContain("PostgresFile");
    }

    [Fact]
    public void What_a_node_lacks_is_said_by_the_option_that_is_missing()
    {
        Problem(("Postgres", "")).ShouldContain("Postgres:");
        Problem(("InfluxUrl", "")).ShouldContain("InfluxUrl:");
        Problem(("Cluster", "false")).ShouldContain("Postgres: only a node of a cluster");
        Problem(("ClusterSeeds", "one:4652,two")).ShouldContain("\"two\" is not host:port");
        Problem(("ClusterRoles", "ingest,lunch")).ShouldContain("\"lunch\"");
        Problem(("AdvertiseGrpc", "node-1:4650x")).ShouldContain("AdvertiseGrpc");
        Problem(("ClusterName", "two words")).ShouldContain("ClusterName");
        Problem(("ClusterCertificate", "/nowhere.pem")).ShouldContain("go together");
        Problem(("ClusterHost", "0.0.0.0"), ("Insecure", "true")).ShouldContain("ClusterHost");
    }

    [Fact]
    public void A_port_between_nodes_that_other_machines_reach_needs_certificates_or_an_explicit_word()
    {
        Problem(("ClusterHost", "node-1.lab")).ShouldContain("ClusterCertificate:");
        Problem(("ClusterBind", "0.0.0.0")).ShouldContain("ClusterCertificate:");
        Resolve(("ClusterHost", "node-1.lab"), ("Insecure", "true"));
        using var ca = new TestCa();
        var (certificate, key) = ca.Server();
        var read = ClusterReader.Read(Resolve(("ClusterHost", "node-1.lab"), ("ClusterCertificate", certificate), ("ClusterKey", key), ("ClusterCa", ca.CaFile)).Options, []);
        read.ShouldNotBeNull().Cluster.Tls.ShouldNotBeNull().Certificate.HasPrivateKey.ShouldBeTrue();
        Problem(("ClusterCertificate", certificate), ("ClusterKey", ca.CaFile), ("ClusterCa", ca.CaFile)).ShouldContain("cannot be used");
    }

    [Fact]
    public void Roles_say_what_a_node_does_and_an_embedded_server_does_all()
    {
        var node = Resolve(("ClusterRoles", "ingest, web")).Options;
        (ClusterReader.Has(node, "ingest"), ClusterReader.Has(node, "runs"), ClusterReader.Has(node, "web")).ShouldBe((true, false, true));
        ClusterReader.Has(new ServerOptions { ClusterRoles = "web" }, "runs").ShouldBeTrue();
        ClusterReader.Read(node, []).ShouldNotBeNull().Cluster.HasRuns.ShouldBeFalse();
    }

    private static ServerOptionsReport Resolve(params (string Name, string Value)[] others)
    {
        var said = new Dictionary<string, string>(Enough, StringComparer.Ordinal);
        foreach (var (name, value) in others)
        {
            said[name] = value;
        }

        return ServerOptionsReport.Resolve(said, environment: new Dictionary<string, string>(StringComparer.Ordinal));
    }

    private static string Problem(params (string Name, string Value)[] others) => Should.Throw<InvalidOperationException>(() => Resolve(others)).Message;
}
