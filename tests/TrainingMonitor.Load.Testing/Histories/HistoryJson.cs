using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainingMonitor.Load.Testing.Histories;

/// <summary>How histories are written.</summary>
internal static class HistoryJson
{
    public static JsonSerializerOptions Options { get; } = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, Converters = { new JsonStringEnumConverter() } };
}
