using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TrainingMonitor.Cli.Attaching;
using TrainingMonitor.Cli.Demo;
using TrainingMonitor.Cli.Doctor;

namespace TrainingMonitor.Cli.Json;

/// <summary>JSON of every command: snake_case names, absent values left out, times in ISO 8601. Source-generated, so that the command starts fast.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<RunJson>))]
[JsonSerializable(typeof(IReadOnlyList<AlertJson>))]
[JsonSerializable(typeof(System.Text.Json.JsonDocument))]
[JsonSerializable(typeof(AlertJson))]
[JsonSerializable(typeof(RunDetailJson))]
[JsonSerializable(typeof(DemoSummary))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(VersionJson))]
[JsonSerializable(typeof(ServeJson))]
[JsonSerializable(typeof(FileJson))]
[JsonSerializable(typeof(ReplayJson))]
[JsonSerializable(typeof(TailJson))]
[JsonSerializable(typeof(AttachJson))]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AttachedProcess))]
[JsonSerializable(typeof(IReadOnlyList<AttachedProcess>))]
[JsonSerializable(typeof(SilenceJson))]
[JsonSerializable(typeof(IReadOnlyList<SilenceJson>))]
[JsonSerializable(typeof(AckJson))]
[JsonSerializable(typeof(IReadOnlyList<AckJson>))]
[JsonSerializable(typeof(IReadOnlyList<ReceiverJson>))]
[JsonSerializable(typeof(IReadOnlyList<NotifyTestJson>))]
[JsonSerializable(typeof(BackupJson))]
[JsonSerializable(typeof(TokenJson))]
[JsonSerializable(typeof(IReadOnlyList<TokenJson>))]
internal sealed partial class CliJson : JsonSerializerContext
{
    private static readonly CliJson Readable = new(OptionsOf(indented: true));
    private static readonly CliJson Compact = new(OptionsOf(indented: false));

    /// <summary>One document over several lines.</summary>
    public static void Write<T>(TextWriter output, T value) => output.WriteLine(JsonSerializer.Serialize(value, Info<T>(Readable)));

    /// <summary>One line of a stream of documents.</summary>
    public static void WriteLine<T>(TextWriter output, T value)
    {
        output.WriteLine(JsonSerializer.Serialize(value, Info<T>(Compact)));
        output.Flush();
    }

    private static JsonSerializerOptions OptionsOf(bool indented) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Terminals and scripts read this, no browser does: sentences keep their letters.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = indented,
    };

    private static JsonTypeInfo<T> Info<T>(CliJson context) =>
        (JsonTypeInfo<T>?)context.GetTypeInfo(typeof(T)) ?? throw new NotSupportedException($"{typeof(T)} is not declared in {nameof(CliJson)}.");
}
