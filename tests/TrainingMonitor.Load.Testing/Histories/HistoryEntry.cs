using System.Text.Json.Serialization;

namespace TrainingMonitor.Load.Testing.Histories;

/// <summary>One line of a trainer's history. Which members are set depends on the kind.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="At">When, UTC.</param>
public sealed record HistoryEntry([property: JsonPropertyName("k")] HistoryKind Kind, [property: JsonPropertyName("t")] DateTimeOffset At)
{
    /// <summary>Stream of this process, from 1; 0: none.</summary>
    [JsonPropertyName("s")]
    public int Stream { get; init; }

    /// <summary>Sequence of a frame; what a Welcome resumes after.</summary>
    [JsonPropertyName("q")]
    public ulong Sequence { get; init; }

    /// <summary>SHA-256 of a frame's bytes, the first 16 hexadecimal digits.</summary>
    [JsonPropertyName("h")]
    public string Hash { get; init; } = "";

    /// <summary>Last step in a frame, or of an alert; −1: none.</summary>
    [JsonPropertyName("n"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public long Step { get; init; } = -1;

    /// <summary>Of an Ack: what is received.</summary>
    [JsonPropertyName("r")]
    public ulong Received { get; init; }

    /// <summary>Of an Ack or a Welcome: what is durable.</summary>
    [JsonPropertyName("d")]
    public ulong Durable { get; init; }

    /// <summary>Of a Welcome: ordinal of the attempt.</summary>
    [JsonPropertyName("a"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int Attempt { get; init; } = -1;

    /// <summary>Of a Welcome: fencing epoch.</summary>
    [JsonPropertyName("e")]
    public ulong Epoch { get; init; }

    /// <summary>Of an alert: its ordinal.</summary>
    [JsonPropertyName("o")]
    public ulong Ordinal { get; init; }

    /// <summary>Of a Hello: the rank it speaks for.</summary>
    [JsonPropertyName("w")]
    public uint Rank { get; init; }

    /// <summary>Words; of an alert "id state".</summary>
    [JsonPropertyName("x")]
    public string Text { get; init; } = "";
}
