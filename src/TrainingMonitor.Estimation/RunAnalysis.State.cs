using System.Buffers;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation;

/// <content>Saving and loading: version, payload, checksum.</content>
public sealed partial class RunAnalysis
{
    /// <summary>Version of the saved state; it changes with any estimator or detector.</summary>
    private const int StateVersion = 9;

    /// <summary>Writes the whole state.</summary>
    public void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var payload = new ArrayBufferWriter<byte>(4096 + (layerNames.Length * 512));
        SavePayload(new StateWriter(payload));
        writer.Write(StateVersion);
        writer.Write(payload.WrittenSpan);
        writer.Write(StateChecksum.Of(payload.WrittenSpan));
    }

    /// <summary>Reads the whole state back; the result goes on bit for bit as the saved one would.</summary>
    /// <exception cref="InvalidDataException">Damaged, or of an unknown version.</exception>
    public static RunAnalysis Load(ref StateReader reader, RunConfiguration configuration)
    {
        var version = reader.ReadInt32();
        if (version != StateVersion)
        {
            throw new InvalidDataException($"State has version {version}; this program reads version {StateVersion}.");
        }

        var payload = reader.ReadBytes();
        if (reader.ReadInt64() != StateChecksum.Of(payload))
        {
            throw new InvalidDataException("State is damaged: its checksum does not match.");
        }

        var analysis = new RunAnalysis(configuration);
        var inner = new StateReader(payload);
        analysis.LoadPayload(ref inner);
        return inner.Remaining == 0 ? analysis : throw new InvalidDataException($"State has {inner.Remaining} bytes too many.");
    }

    private void SavePayload(StateWriter writer)
    {
        writer.Write(layerNames.Length);
        foreach (var name in layerNames)
        {
            writer.Write(name);
        }

        writer.Write(attempt);
        writer.Write(segment);
        writer.Write(lastStep);
        writer.Write(hasStep);
        writer.Write(runValues);
        writer.Write(layerValues);
        foreach (var estimator in estimators)
        {
            estimator.Save(writer);
        }

        foreach (var detector in detectors)
        {
            detector.Save(writer);
        }
    }

    private void LoadPayload(ref StateReader reader)
    {
        var count = reader.ReadInt32();
        if (count < 0 || count > reader.Remaining / sizeof(int))
        {
            throw new InvalidDataException($"State says {count} layers but {reader.Remaining} bytes are left.");
        }

        var names = new string[count];
        for (var i = 0; i < count; i++)
        {
            names[i] = reader.ReadString();
        }

        SetLayers(names);
        (attempt, segment, lastStep, hasStep) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadBoolean());
        reader.Read(runValues);
        reader.Read(layerValues);
        foreach (var estimator in estimators)
        {
            estimator.Load(ref reader);
        }

        foreach (var detector in detectors)
        {
            detector.Load(ref reader);
        }
    }
}
