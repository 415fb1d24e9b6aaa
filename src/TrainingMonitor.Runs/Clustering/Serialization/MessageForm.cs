using Google.Protobuf;

namespace TrainingMonitor.Runs.Clustering.Serialization;

/// <summary>How messages of one type travel.</summary>
/// <param name="Manifest">Two letters that name the type on the wire, for ever.</param>
/// <param name="Type">The type.</param>
/// <param name="Write">To bytes.</param>
/// <param name="Read">From bytes.</param>
internal sealed record MessageForm(string Manifest, Type Type, Func<object, byte[]> Write, Func<byte[], object> Read)
{
    /// <summary>A message that is one of protobuf's in a record.</summary>
    public static MessageForm Of<T, TWire>(string manifest, Func<T, TWire> write, Func<TWire, T> read)
        where T : class
        where TWire : IMessage<TWire>, new()
    {
        var parser = new MessageParser<TWire>(static () => new TWire());
        return new MessageForm(manifest, typeof(T), message => write((T)message).ToByteArray(), bytes => read(parser.ParseFrom(bytes)));
    }

    /// <summary>A message without content.</summary>
    public static MessageForm Of<T>(string manifest, T instance)
        where T : class => new(manifest, typeof(T), static _ => [], _ => instance);
}
