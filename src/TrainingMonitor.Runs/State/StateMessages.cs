using Google.Protobuf;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Runs.State;

/// <summary>Protocol messages inside saved state. Field order and map order survive, so saving what was loaded gives the same bytes.</summary>
internal static class StateMessages
{
    public static void Write(StateWriter writer, IMessage message) => writer.Write(message.ToByteArray());

    public static void Write<T>(StateWriter writer, IReadOnlyList<T> messages)
        where T : IMessage
    {
        writer.Write(messages.Count);
        foreach (var message in messages)
        {
            Write(writer, message);
        }
    }

    public static T Read<T>(ref StateReader reader, MessageParser<T> parser)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(reader.ReadBytes());
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new InvalidDataException("State holds a damaged message.", error);
        }
    }

    public static void Read<T>(ref StateReader reader, ICollection<T> target, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var count = Count(ref reader);
        for (var i = 0; i < count; i++)
        {
            target.Add(Read(ref reader, parser));
        }
    }

    /// <summary>Reads a number of things that take at least four bytes each.</summary>
    public static int Count(ref StateReader reader)
    {
        var count = reader.ReadInt32();
        return count >= 0 && count <= reader.Remaining / 4
            ? count
            : throw new InvalidDataException($"State says {count} entries but {reader.Remaining} bytes are left.");
    }
}
