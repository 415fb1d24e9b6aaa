using Google.Protobuf;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Clustering.Messages;

namespace TrainingMonitor.Runs.Clustering.Sessions;

/// <summary>The run's end of a stream that some node holds: puts large frames together again.</summary>
internal sealed class RemoteStream(RunStream stream)
{
    private MemoryStream? parts;

    public RunStream Stream { get; } = stream;

    /// <summary>The frame that is complete with this; null: more of it comes.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no frame.</exception>
    public PostedFrame? Take(PostFrame post)
    {
        var raw = post.Raw;
        if (!post.IsLast || parts is not null)
        {
            parts ??= new MemoryStream();
            parts.Write(raw.Span);
            if (!post.IsLast)
            {
                return null;
            }

            raw = parts.ToArray();
            parts = null;
        }

        Stream.Arrived();
        return new PostedFrame(Stream, post.Frame ?? TrainerFrame.Parser.ParseFrom(raw.Span), raw);
    }
}
