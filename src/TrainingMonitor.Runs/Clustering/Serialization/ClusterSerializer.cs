using System.Collections.Frozen;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace TrainingMonitor.Runs.Clustering.Serialization;

/// <summary>The one serializer of the messages between nodes: protobuf, under manifests of two letters. Nothing else of ours may leave a node, and no type name does.</summary>
public sealed class ClusterSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly FrozenDictionary<string, MessageForm> ByManifest = MessageForms.All.ToFrozenDictionary(form => form.Manifest, StringComparer.Ordinal);
    private static readonly FrozenDictionary<Type, MessageForm> ByType = MessageForms.All.ToFrozenDictionary(form => form.Type);

    /// <summary>Part of the wire: 0 to 100 are Akka's own.</summary>
    public override int Identifier => 4650;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => Form(obj).Write(obj);

    /// <inheritdoc/>
    public override string Manifest(object o) => Form(o).Manifest;

    /// <summary>Reads a message.</summary>
    /// <exception cref="SerializationException">No such message is known: the other node is of a version too new. The message is dropped, and what waits for it goes on by its own clock.</exception>
    public override object FromBinary(byte[] bytes, string manifest) =>
        ByManifest.TryGetValue(manifest, out var form) ? form.Read(bytes) : throw new SerializationException($"No message \"{manifest}\" is known to this version.");

    private static MessageForm Form(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return ByType.TryGetValue(message.GetType(), out var form) ? form : throw new SerializationException($"{message.GetType()} is not meant for other nodes.");
    }
}
