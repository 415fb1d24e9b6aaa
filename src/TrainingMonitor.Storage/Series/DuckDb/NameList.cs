using System.Text;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Layer names as one blob: each a length and UTF-8.</summary>
internal static class NameList
{
    public static byte[] Pack(IReadOnlyList<string> names)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(names.Count);
        foreach (var name in names)
        {
            writer.Write(name);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static string[] Unpack(byte[] blob)
    {
        using var reader = new BinaryReader(new MemoryStream(blob), Encoding.UTF8);
        var names = new string[reader.ReadInt32()];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = reader.ReadString();
        }

        return names;
    }
}
