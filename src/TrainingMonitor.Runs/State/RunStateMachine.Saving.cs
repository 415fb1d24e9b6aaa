using System.Buffers;
using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;

namespace TrainingMonitor.Runs.State;

/// <content>State as bytes.</content>
public sealed partial class RunStateMachine
{
    private const int Version = 2;
    private int savedBytes = 1024;

    /// <summary>The whole state. What <see cref="Load(string, ReadOnlySpan{byte})"/> makes of it goes on bit for bit as this one would.</summary>
    public byte[] Save()
    {
        // A state is about as long as the last one: a buffer that grows would be copied and cleared several times.
        var buffer = new ArrayBufferWriter<byte>(savedBytes + (savedBytes / 8));
        var writer = new StateWriter(buffer);
        writer.Write(Version);
        writer.Write(RunId);
        writer.Write((int)Status);
        writer.Write(project);
        writer.Write(name);
        writer.Write(startedUnixNs);
        writer.Write(updatedUnixNs);
        writer.Write(stepsSinceRow);
        writer.Write(descriptionRank);
        StateMessages.Write(writer, description);
        attempts.Save(writer);
        counters.Save(writer);
        alerts.Save(writer);
        writer.Write(attempt is not null);
        if (attempt is not null)
        {
            attempt.Save(writer);
            Save(writer, applier!);
        }

        savedBytes = buffer.WrittenCount;
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a state back.</summary>
    /// <param name="runId">The run it must be of.</param>
    /// <param name="state">What <see cref="Save()"/> gave.</param>
    /// <exception cref="InvalidDataException">Damaged, of another run, or of an unknown version.</exception>
    public static RunStateMachine Load(string runId, ReadOnlySpan<byte> state)
    {
        var reader = new StateReader(state);
        var machine = new RunStateMachine(runId);
        try
        {
            machine.Load(ref reader);
        }
        catch (Exception error) when (error is ArgumentException or OverflowException or IndexOutOfRangeException or NullReferenceException)
        {
            throw new InvalidDataException($"The state of run {runId} is damaged: {error.Message}", error);
        }

        return reader.Remaining == 0
            ? machine
            : throw new InvalidDataException($"The state of run {runId} has {reader.Remaining} bytes too many.");
    }

    private void Load(ref StateReader reader)
    {
        var version = reader.ReadInt32();
        if (version != Version)
        {
            throw new InvalidDataException($"The state of run {RunId} has version {version}; this server reads {Version}.");
        }

        var runId = reader.ReadString();
        if (runId != RunId)
        {
            throw new InvalidDataException($"The state of run {RunId} is that of run {runId}.");
        }

        Status = (RunStatus)reader.ReadInt32();
        project = reader.ReadString();
        name = reader.ReadString();
        startedUnixNs = reader.ReadInt64();
        updatedUnixNs = reader.ReadInt64();
        stepsSinceRow = reader.ReadInt32();
        descriptionRank = reader.ReadInt32();
        description = StateMessages.Read(ref reader, RunDescription.Parser);
        attempts.Load(ref reader);
        counters.Load(ref reader);
        alerts.Load(ref reader);
        if (reader.ReadBoolean())
        {
            attempt = RunAttempt.Load(ref reader);
            applier = LoadApplier(ref reader);
        }
    }

    private static void Save(StateWriter writer, StepApplier applier)
    {
        writer.Write(applier.Attempt);
        writer.Write(applier.Segment);
        writer.Write(applier.LastStep);
        writer.Write(applier.SegmentIsFresh);
        writer.Write(applier.Latest);
        StateMessages.Write(writer, applier.Segments);
        writer.Write(applier.Table is not null);
        if (applier.Table is not null)
        {
            StateMessages.Write(writer, applier.Table);
        }

        applier.Window.Save(writer);
        applier.Analysis.Save(writer);
    }

    private StepApplier LoadApplier(ref StateReader reader)
    {
        var (ordinal, segment, lastStep, fresh) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadBoolean());
        var latest = reader.ReadDoubles();
        var segments = new List<Segment>();
        StateMessages.Read(ref reader, segments, Segment.Parser);
        var table = reader.ReadBoolean() ? SharedTables.Of(StateMessages.Read(ref reader, LayerTable.Parser)) : null;
        var window = new LayerWindow();
        window.Load(ref reader, [.. (table?.Layers ?? []).Select(layer => layer.Name)]);
        var analysis = RunAnalysis.Load(ref reader, description.ToConfiguration());
        var loaded = new StepApplier(analysis, window, alerts, counters)
        {
            Attempt = ordinal,
            Segment = segment,
            LastStep = lastStep,
            SegmentIsFresh = fresh,
            Table = table,
        };
        latest.CopyTo(loaded.Latest, 0);
        loaded.Segments.AddRange(segments);
        return loaded;
    }
}
