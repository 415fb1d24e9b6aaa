using TrainingMonitor.Relay.Sockets;

namespace TrainingMonitor.Relay.Tests;

public sealed class RelayTicketTests
{
    private static readonly PeerCredentials Peer = new(40, 1000);

    [Fact]
    public void It_is_for_whoever_knows_the_secret_and_is_who_was_meant()
    {
        var ticket = new RelayTicket("word", 1000, processId: 40);
        ticket.Refuses("word", Peer).ShouldBeNull();
        ticket.Refuses("wore", Peer)!.ShouldContain("secret is wrong");
        ticket.Refuses("", Peer)!.ShouldContain("secret is wrong");
        ticket.Refuses("word", Peer with { UserId = 0 })!.ShouldContain("user 0");
        ticket.Refuses("word", Peer with { ProcessId = 41 })!.ShouldContain("process 41");
    }

    [Fact]
    public void One_that_is_valid_once_is_not_used_up_by_strangers()
    {
        var ticket = new RelayTicket("word", 1000, once: true);
        ticket.Refuses("guess", Peer).ShouldNotBeNull();
        ticket.Refuses("word", Peer).ShouldBeNull();
        ticket.Refuses("word", Peer)!.ShouldContain("used before");
    }

    [Fact]
    public void Secrets_are_long_and_never_the_same()
    {
        RelayTicket.NewSecret().Length.ShouldBe(64);
        RelayTicket.NewSecret().ShouldNotBe(RelayTicket.NewSecret());
    }
}
