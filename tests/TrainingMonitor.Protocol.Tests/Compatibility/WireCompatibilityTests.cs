using Google.Protobuf;
using Google.Protobuf.Reflection;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Tests.Compatibility;

/// <summary>The contract in protos/trainmon/v1 must stay compatible with the committed descriptor, protos/trainmon/v1/trainmon.pb.</summary>
public sealed class WireCompatibilityTests
{
    private const string AcceptSwitch = "TRAINMON_ACCEPT_WIRE";

    private static readonly string Committed = Path.Combine(Root(), "protos/trainmon/v1/trainmon.pb");

    static WireCompatibilityTests()
    {
        if (Environment.GetEnvironmentVariable(AcceptSwitch) == "1")
        {
            File.WriteAllBytes(Committed, Current().ToByteArray());
        }
    }

    [Fact]
    public void The_contract_is_compatible_with_the_committed_descriptor()
    {
        var committed = FileDescriptorSet.Parser.ParseFrom(File.ReadAllBytes(Committed));

        WireComparer.Breaks(committed, Current()).ShouldBeEmpty(
            $"The change breaks clients and recordings that are already out. Give new things new numbers and names; if this was never released, run this test with {AcceptSwitch}=1.");
    }

    [Fact]
    public void The_committed_descriptor_is_up_to_date()
    {
        var committed = FileDescriptorSet.Parser.ParseFrom(File.ReadAllBytes(Committed));

        WireComparer.Breaks(Current(), committed).ShouldBeEmpty($"The contract has grown: run this test with {AcceptSwitch}=1 and commit protos/trainmon/v1/trainmon.pb.");
    }

    public static TheoryData<string, string> Changes => new()
    {
        { "rename", "field trainmon.v1.Hello = 2" },
        { "renumber", "field trainmon.v1.Ack = 1" },
        { "retype", "field trainmon.v1.Ack = 2" },
        { "relabel", "field trainmon.v1.StepReports = 1" },
        { "presence", "field trainmon.v1.StepValues = 1" },
        { "oneof", "field trainmon.v1.Column = 2" },
        { "drop field", "field trainmon.v1.Ack = 3" },
        { "drop message", "message trainmon.v1.GoAway" },
        { "enum value", "value trainmon.v1.LayerStatistic = 3" },
        { "nested enum", "value trainmon.v1.Goodbye.Reason = 1" },
        { "drop call", "rpc trainmon.v1.Queries/GetRun" },
        { "unary", "rpc trainmon.v1.Ingest/Stream" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_breaking_change_is_named(string change, string broken)
    {
        var changed = Current();
        Apply(changed, change);

        WireComparer.Breaks(Current(), changed).ShouldContain(line => line.StartsWith(broken, StringComparison.Ordinal));
    }

    [Fact]
    public void An_addition_breaks_nothing()
    {
        var grown = Current();
        Message(grown, "Ack").Field.Add(new FieldDescriptorProto { Name = "new", Number = 99, Type = FieldDescriptorProto.Types.Type.Bool });
        Enum(grown, "LayerStatistic").Value.Add(new EnumValueDescriptorProto { Name = "LAYER_STATISTIC_NEW", Number = 99 });

        WireComparer.Breaks(Current(), grown).ShouldBeEmpty();
    }

    private static void Apply(FileDescriptorSet set, string change)
    {
        switch (change)
        {
            case "rename": Field(set, "Hello", 2).Name = "run"; break;
            case "renumber": Field(set, "Ack", 1).Number = 9; break;
            case "retype": Field(set, "Ack", 2).Type = FieldDescriptorProto.Types.Type.Int64; break;
            case "relabel": Field(set, "StepReports", 1).Label = FieldDescriptorProto.Types.Label.Optional; break;
            case "presence": Field(set, "StepValues", 1).Proto3Optional = false; break;
            case "oneof": Field(set, "Column", 2).ClearOneofIndex(); break;
            case "drop field": Message(set, "Ack").Field.RemoveAt(2); break;
            case "drop message": Remove(set, "GoAway"); break;
            case "enum value": Enum(set, "LayerStatistic").Value.Single(v => v.Number == 3).Number = 33; break;
            case "nested enum": Message(set, "Goodbye").EnumType[0].Value[1].Name = "DONE"; break;
            case "drop call": Service(set, "Queries").Method.Remove(Service(set, "Queries").Method.Single(m => m.Name == "GetRun")); break;
            case "unary": Service(set, "Ingest").Method[0].ClientStreaming = false; break;
            default: throw new ArgumentOutOfRangeException(nameof(change), change, "unknown");
        }
    }

    private static FileDescriptorSet Current() => new()
    {
        File = { new[] { StatisticsReflection.Descriptor, AlertsReflection.Descriptor, IngestReflection.Descriptor, QueriesReflection.Descriptor, RecordingReflection.Descriptor }.Select(d => d.ToProto()) },
    };

    private static void Remove(FileDescriptorSet set, string name)
    {
        var file = set.File.Single(f => f.MessageType.Any(m => m.Name == name));
        file.MessageType.Remove(Message(set, name));
    }

    private static DescriptorProto Message(FileDescriptorSet set, string name) => set.File.SelectMany(f => f.MessageType).Single(m => m.Name == name);

    private static FieldDescriptorProto Field(FileDescriptorSet set, string message, int number) => Message(set, message).Field.Single(f => f.Number == number);

    private static EnumDescriptorProto Enum(FileDescriptorSet set, string name) => set.File.SelectMany(f => f.EnumType).Single(m => m.Name == name);

    private static ServiceDescriptorProto Service(FileDescriptorSet set, string name) => set.File.SelectMany(f => f.Service).Single(m => m.Name == name);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Monitor.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder;
    }
}
