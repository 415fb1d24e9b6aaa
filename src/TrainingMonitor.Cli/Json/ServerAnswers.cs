using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainingMonitor.Cli.Json;

/// <summary>Answers of the server's HTTP interface about notifications and tokens, in its own spelling.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(SilencesAnswer))]
[JsonSerializable(typeof(AcksAnswer))]
[JsonSerializable(typeof(ReceiversAnswer))]
[JsonSerializable(typeof(TestAnswer))]
[JsonSerializable(typeof(RemovedAnswer))]
[JsonSerializable(typeof(TokenJson))]
[JsonSerializable(typeof(TokensAnswer))]
internal sealed partial class ServerAnswers : JsonSerializerContext;

internal sealed record SilencesAnswer(IReadOnlyList<SilenceJson> Silences);

internal sealed record AcksAnswer(IReadOnlyList<AckJson> Acks);

internal sealed record ReceiversAnswer(IReadOnlyList<ReceiverJson> Receivers);

internal sealed record TokensAnswer(IReadOnlyList<TokenJson> Tokens);

internal sealed record TestAnswer(IReadOnlyList<NotifyTestJson> Results);

internal sealed record RemovedAnswer(string Removed);
