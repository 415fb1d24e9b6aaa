using Akka.Actor;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Clustering;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Clustering.Serialization;

namespace TrainingMonitor.Runs.Tests.Clustering;

/// <summary>The bytes between nodes: nodes of two neighbouring versions share a cluster while it is upgraded, so what is here may be added to and not changed.</summary>
public sealed class SerializerTests
{
    private static readonly Dictionary<string, (object Message, string Golden)> Messages = new(StringComparer.Ordinal)
    {
        ["or"] = (new OpenRun(new Hello { ProtocolVersion = 1, RunId = "r", Rank = 2 }), "0801120172" + "3802"),
        ["oo"] = (new RunOpened(new Welcome { Attempt = 3, FencingEpoch = 7 }, "http://a:1"), "0A0410033007120A687474703A2F2F613A31"),
        ["ox"] = (new RunRefused(RpcStatus.Of(Grpc.Core.StatusCode.Unavailable, "no")), "080E12026E6F"),
        ["pf"] = (new PostFrame(new byte[] { 1, 2, 3 }, true, null), "01010203"),
        ["sl"] = (StreamLost.Instance, ""),
        ["tt"] = (new ToTrainer(new ServerFrame { Ack = new Ack { Received = 5, Durable = 4 } }), "120408051004"),
        ["es"] = (new EndStream(RpcStatus.Of(Grpc.Core.StatusCode.Aborted, "")), "080A"),
        ["wr"] = (new WakeRun("läuft"), "0A066CC3A4756674"),
        ["dq"] = (new AskDetail("r"), "0A0172"),
        ["da"] = (new DetailAnswer(new RunDetail { Summary = new RunSummary { RunId = "r" } }), "0A050A030A0172"),
        ["ws"] = (new WatchRun("r"), "0A0172"),
        ["wn"] = (RunNews.Instance, ""),
        ["wp"] = (PullRun.Instance, ""),
        ["wu"] = (new RunUpdated(new RunUpdate { Summary = new RunSummary { Step = 9 } }), "0A023809"),
        ["wx"] = (Unwatch.Instance, ""),
        ["we"] = (WatchEnded.Instance, ""),
        ["aq"] = (new AdviseRun("r", new Advice { ShouldStop = true }), "0A017212021801"),
        ["aa"] = (new Advised(true), "0801"),
        ["sq"] = (new AskSummaries("p", 10), "0A0170100A"),
        ["sa"] = (new Summaries([new RunSummary { RunId = "r" }]), "0A030A0172"),
        ["an"] = (new AlertNews(new Alert { Id = "r/stalled", Ordinal = 1 }), "0A09722F7374616C6C65641001"),
    };

    [Fact]
    public void Every_message_has_its_golden_bytes() =>
        MessageForms.All.Select(form => form.Manifest).Order(StringComparer.Ordinal).ShouldBe(Messages.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Bytes_are_as_they_were_and_are_read_as_what_they_were()
    {
        using var system = Actors();
        foreach (var (manifest, (message, golden)) in Messages)
        {
            var serializer = system.Serialization.FindSerializerFor(message).ShouldBeOfType<ClusterSerializer>(manifest);
            serializer.Manifest(message).ShouldBe(manifest);
            Convert.ToHexString(serializer.ToBinary(message)).ShouldBe(golden, manifest);
            var read = serializer.FromBinary(Convert.FromHexString(golden), manifest);
            read.ShouldBeOfType(message.GetType());
            Convert.ToHexString(serializer.ToBinary(read)).ShouldBe(golden, manifest);
        }

        await system.Terminate();
    }

    [Fact]
    public async Task Fields_that_a_newer_version_added_are_passed_over()
    {
        using var system = Actors();
        var serializer = (ClusterSerializer)system.Serialization.FindSerializerFor(StreamLost.Instance);
        ((WakeRun)serializer.FromBinary(Convert.FromHexString("0A0172" + "F83F01"), "wr")).RunId.ShouldBe("r");
        await system.Terminate();
    }

    [Fact]
    public async Task What_is_not_known_or_damaged_is_an_error_and_not_a_guess()
    {
        using var system = Actors();
        var serializer = (ClusterSerializer)system.Serialization.FindSerializerFor(StreamLost.Instance);
        Should.Throw<System.Runtime.Serialization.SerializationException>(() => serializer.FromBinary([], "zz"));
        Should.Throw<InvalidProtocolBufferException>(() => serializer.FromBinary([0xFF], "or"));
        Should.Throw<InvalidDataException>(() => serializer.FromBinary([], "pf"));
        Should.Throw<InvalidDataException>(() => serializer.FromBinary([9, 1], "pf"));
        Should.Throw<System.Runtime.Serialization.SerializationException>(() => serializer.ToBinary("text"));
        await system.Terminate();
    }

    [Fact]
    public async Task Nothing_but_these_messages_may_leave_a_node()
    {
        await using var services = ClusterHosting.Services(new ClusterOptions { Port = 0 }, NullLoggerFactory.Instance);
        var system = services.GetRequiredService<ActorSystem>();
        Should.Throw<System.Runtime.Serialization.SerializationException>(() => system.Serialization.FindSerializerFor(StopRun.Instance));
        system.Serialization.FindSerializerFor(StreamLost.Instance).ShouldBeOfType<ClusterSerializer>();
        await system.Terminate();
    }

    private static ActorSystem Actors() => ActorSystem.Create("bytes", ClusterSettings.Of(new ClusterOptions { Port = 0 }));
}
