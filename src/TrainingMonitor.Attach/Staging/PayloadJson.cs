using System.Text.Json.Serialization;

namespace TrainingMonitor.Attach.Staging;

/// <summary>JSON of the payload's files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PayloadConfiguration))]
[JsonSerializable(typeof(PayloadStatus))]
internal sealed partial class PayloadJson : JsonSerializerContext;
