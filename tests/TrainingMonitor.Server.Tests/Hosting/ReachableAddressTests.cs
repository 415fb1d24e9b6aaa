using System.Net;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Tests.Hosting;

public sealed class ReachableAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:4651/")]
    [InlineData("https://monitor.lab:9000/")]
    [InlineData("http://10.0.0.7:4651/")]
    public void An_address_of_its_own_stays(string address) => ReachableAddress.Of(new Uri(address)).ShouldBe(new Uri(address));

    [Theory]
    [InlineData("http://0.0.0.0:4651/")]
    [InlineData("http://[::]:4651/")]
    public void Every_address_becomes_one_of_this_machine(string address)
    {
        var reachable = ReachableAddress.Of(new Uri(address));
        reachable.Port.ShouldBe(4651);
        var host = IPAddress.Parse(reachable.Host);
        host.ShouldNotBe(IPAddress.Any);

        // Only an address of this machine can be bound to.
        using var listener = new System.Net.Sockets.TcpListener(host, 0);
        listener.Start();
    }
}
