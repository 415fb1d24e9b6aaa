using System.Text.Json;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Relay.Frames;

/// <summary>Headers of the frames that the relay sends.</summary>
internal static class FrameWords
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    /// <summary>The relay has taken the client.</summary>
    public static byte[] Welcome(string page) => JsonSerializer.SerializeToUtf8Bytes(new { type = "welcome", relay_version = FrameStream.Version, page });

    /// <summary>An alert of the run.</summary>
    public static byte[] Alert(Alert alert) => Message("alert", alert);

    /// <summary>What the server would like.</summary>
    public static byte[] Advice(Advice advice) => Message("advice", advice);

    /// <summary>Only every factor-th pair is wanted.</summary>
    public static byte[] Thinning(int factor) => JsonSerializer.SerializeToUtf8Bytes(new { type = "thinning", factor });

    /// <summary>The client goes off and says why.</summary>
    public static byte[] Off(string reason) => JsonSerializer.SerializeToUtf8Bytes(new { type = "off", reason });

    /// <summary>The client takes its hooks off and says goodbye.</summary>
    public static byte[] Detach() => JsonSerializer.SerializeToUtf8Bytes(new { type = "detach" });

    /// <summary>All that came is in the relay's hands.</summary>
    public static byte[] Delivered() => JsonSerializer.SerializeToUtf8Bytes(new { type = "delivered" });

    private static byte[] Message(string type, IMessage message) => System.Text.Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"{type}\":{Formatter.Format(message)}}}");
}
