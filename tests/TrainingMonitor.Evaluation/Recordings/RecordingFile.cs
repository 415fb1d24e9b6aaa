using System.IO.Compression;
using System.Text.Json;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>A recording on disk: a JSON header, steps, tracks, probes and curves, compressed whole.</summary>
internal static class RecordingFile
{
    /// <summary>Name of the files.</summary>
    public const string Extension = ".tmrec";

    private const int Version = 1;

    /// <summary>Writes the file whole or not at all.</summary>
    public static void Write(string path, Recording recording)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = $"{path}.{Environment.ProcessId}.partial";
        using (var writer = new BinaryWriter(new BrotliStream(File.Create(partial), CompressionLevel.SmallestSize)))
        {
            Write(writer, recording);
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">Not a recording of this version.</exception>
    public static Recording Read(string path)
    {
        using var reader = new BinaryReader(new BrotliStream(File.OpenRead(path), CompressionMode.Decompress));
        var version = reader.ReadInt32();
        if (version != Version)
        {
            throw new InvalidDataException($"{path}: version {version}, expected {Version}.");
        }

        return new Recording
        {
            Header = JsonSerializer.Deserialize<RecordingHeader>(reader.ReadString()) ?? throw new InvalidDataException($"{path}: no header."),
            Steps = ReadSteps(reader),
            Tracks = ReadNamed(reader, RoundedFloats.Read),
            Probes = ReadProbes(reader),
            Curves = ReadNamed(reader, r => new Curve(ReadSteps(r), RoundedFloats.Read(r))),
        };
    }

    private static void Write(BinaryWriter writer, Recording recording)
    {
        writer.Write(Version);
        writer.Write(JsonSerializer.Serialize(recording.Header));
        WriteSteps(writer, recording.Steps);
        WriteNamed(writer, recording.Tracks, track => RoundedFloats.Write(writer, track));
        writer.Write(recording.Probes.Length);
        foreach (var probe in recording.Probes)
        {
            writer.Write((int)probe.Kind);
            writer.Write(probe.Step);
            writer.Write(probe.Value);
            writer.Write(probe.StandardError);
            writer.Write(probe.Converged);
        }

        WriteNamed(writer, recording.Curves, curve =>
        {
            WriteSteps(writer, curve.Steps);
            RoundedFloats.Write(writer, curve.Values);
        });
    }

    private static ProbeInput[] ReadProbes(BinaryReader reader)
    {
        var probes = new ProbeInput[reader.ReadInt32()];
        for (var i = 0; i < probes.Length; i++)
        {
            var kind = (ProbeKind)reader.ReadInt32();
            var step = reader.ReadInt64();
            probes[i] = new ProbeInput(kind, step, RecordingReplay.TimeOf(step), reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean());
        }

        return probes;
    }

    private static void WriteNamed<T>(BinaryWriter writer, Dictionary<string, T> named, Action<T> write)
    {
        writer.Write(named.Count);
        foreach (var (name, value) in named.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            write(value);
        }
    }

    private static Dictionary<string, T> ReadNamed<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        var count = reader.ReadInt32();
        var named = new Dictionary<string, T>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            named.Add(reader.ReadString(), read(reader));
        }

        return named;
    }

    // Steps are written as differences: mostly the same small number.
    private static void WriteSteps(BinaryWriter writer, int[] steps)
    {
        writer.Write7BitEncodedInt(steps.Length);
        for (var i = 0; i < steps.Length; i++)
        {
            writer.Write7BitEncodedInt(steps[i] - (i > 0 ? steps[i - 1] : 0));
        }
    }

    private static int[] ReadSteps(BinaryReader reader)
    {
        var steps = new int[reader.Read7BitEncodedInt()];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = reader.Read7BitEncodedInt() + (i > 0 ? steps[i - 1] : 0);
        }

        return steps;
    }
}
