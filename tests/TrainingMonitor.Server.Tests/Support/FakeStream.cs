using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;

namespace TrainingMonitor.Server.Tests.Support;

internal sealed class FakeStream(FakeGateway gateway, Hello hello, IIngestSession session) : IRunStream
{
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Hello Hello { get; } = hello;

    public IIngestSession Session { get; } = session;

    public List<(TrainerFrame Frame, byte[] Raw)> Posted { get; } = [];

    public Task Gone => gone.Task;

    public Welcome Welcome { get; } = new() { ProtocolVersion = 1, Attempt = 0, SendLimit = gateway.Credits, Server = "fake" };

    public void Post(TrainerFrame frame, ReadOnlyMemory<byte> raw)
    {
        lock (Posted)
            Posted.Add((frame, raw.ToArray()));
        Session.TrySend(new ServerFrame { Ack = new Ack { Received = frame.Sequence, Durable = gateway.Durable ? frame.Sequence : 0, SendLimit = frame.Sequence + gateway.Credits } });
    }

    public void Disconnected() => gone.TrySetResult();
}
