using System.Text.Json;

namespace TrainingMonitor.Relay.Frames;

/// <summary>One frame as it was read.</summary>
/// <param name="Type">The header's type.</param>
/// <param name="Header">The whole header.</param>
/// <param name="Body">Packed columns, or empty.</param>
internal sealed record RelayFrame(string Type, JsonElement Header, ReadOnlyMemory<byte> Body)
{
    /// <summary>JSON text of a field that is an object.</summary>
    /// <exception cref="FrameException">There is no such object.</exception>
    public string Object(string name) =>
        Header.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value.GetRawText()
            : throw new FrameException($"a frame '{Type}' without its object '{name}'");
}
