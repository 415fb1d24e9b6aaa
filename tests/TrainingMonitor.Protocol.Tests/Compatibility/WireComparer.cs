using Google.Protobuf.Reflection;

namespace TrainingMonitor.Protocol.Tests.Compatibility;

/// <summary>Says what a change of the wire contract breaks. New messages, fields, values and calls break nothing; anything changed or removed does.</summary>
internal static class WireComparer
{
    public static IReadOnlyList<string> Breaks(FileDescriptorSet committed, FileDescriptorSet current)
    {
        var (before, after) = (Facts(committed), Facts(current));
        return [.. before
            .Where(fact => !after.TryGetValue(fact.Key, out var now) || now != fact.Value)
            .Select(fact => after.TryGetValue(fact.Key, out var now)
                ? $"{fact.Key} was \"{fact.Value}\", is \"{now}\""
                : $"{fact.Key} (\"{fact.Value}\") is gone")
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Every promise of the contract: a key that must stay, with a value that must stay.</summary>
    private static Dictionary<string, string> Facts(FileDescriptorSet set)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in set.File.Where(f => f.Package.StartsWith("trainmon.", StringComparison.Ordinal)))
        {
            foreach (var message in file.MessageType)
            {
                Add(facts, message, $"{file.Package}.{message.Name}");
            }

            foreach (var values in file.EnumType)
            {
                Add(facts, values, $"{file.Package}.{values.Name}");
            }

            foreach (var service in file.Service)
            {
                foreach (var call in service.Method)
                {
                    facts[$"rpc {file.Package}.{service.Name}/{call.Name}"] =
                        $"({Stream(call.ClientStreaming)}{call.InputType}) returns ({Stream(call.ServerStreaming)}{call.OutputType})";
                }
            }
        }

        return facts;
    }

    private static void Add(Dictionary<string, string> facts, DescriptorProto message, string name)
    {
        facts[$"message {name}"] = "message";
        foreach (var field in message.Field)
        {
            var oneof = field.HasOneofIndex && !field.Proto3Optional ? $" in oneof {message.OneofDecl[field.OneofIndex].Name}" : "";
            var presence = field.Proto3Optional ? "optional " : "";
            facts[$"field {name} = {field.Number}"] = $"{presence}{field.Label} {field.Type} {field.TypeName} {field.Name}{oneof}";
        }

        foreach (var nested in message.NestedType)
        {
            Add(facts, nested, $"{name}.{nested.Name}");
        }

        foreach (var values in message.EnumType)
        {
            Add(facts, values, $"{name}.{values.Name}");
        }
    }

    private static void Add(Dictionary<string, string> facts, EnumDescriptorProto values, string name)
    {
        facts[$"enum {name}"] = "enum";
        foreach (var value in values.Value)
        {
            facts[$"value {name} = {value.Number}"] = value.Name;
        }
    }

    private static string Stream(bool streaming) => streaming ? "stream " : "";
}
