using Google.Rpc;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.Clustering.Messages;

/// <summary>A trainer says Hello to some node. Sent by the stream's session; starts the run's actor where there is none.</summary>
internal sealed record OpenRun(Hello Hello) : IToRun
{
    public string RunId => Hello.RunId;
}

/// <summary>The stream is open; sent by the run. Trainers of the run reach its node at <paramref name="Ingest"/> ("": not said).</summary>
internal sealed record RunOpened(Welcome Welcome, string Ingest);

/// <summary>The stream is not opened.</summary>
internal sealed record RunRefused(Status Status);

/// <summary>A frame of a stream, or a part of one where it is large: the bytes as received. On its own node the frame comes along as it has been read.</summary>
internal sealed record PostFrame(ReadOnlyMemory<byte> Raw, bool IsLast, TrainerFrame? Frame);

/// <summary>The connection of a stream is gone.</summary>
internal sealed record StreamLost
{
    public static readonly StreamLost Instance = new();
}

/// <summary>Something for the trainer of a stream.</summary>
internal sealed record ToTrainer(ServerFrame Frame);

/// <summary>The run ends a stream.</summary>
internal sealed record EndStream(Status Status);
