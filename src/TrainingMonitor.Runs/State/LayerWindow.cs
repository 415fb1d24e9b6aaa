using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.State;

/// <summary>Rolls layer series up into windows of a power of two steps. Which window a step falls into depends on the stream alone
/// (<see cref="WindowWidth"/>), so that a replay writes the same blocks.</summary>
internal sealed class LayerWindow
{
    private readonly LayerAccumulator values = new();
    private IReadOnlyList<string> names = [];
    private int tableVersion;
    private long segmentStart = -1;
    private long start;
    private long width;
    private long previousEnd;
    private long firstTime;
    private long lastStep;
    private int steps;

    /// <summary>Layer values of the segment that were finite last, by [series * layers + layer]; NaN where there was none.</summary>
    public ReadOnlySpan<double> Last => values.Last;

    /// <summary>New layers: the open window is closed first by the caller.</summary>
    public void SetLayers(IReadOnlyList<string> layerNames, int version)
    {
        (names, tableVersion) = (layerNames, version);
        values.Reset(layerNames.Count);
    }

    /// <summary>A new segment starts at its next step.</summary>
    public void BeginSegment()
    {
        segmentStart = -1;
        previousEnd = 0;
        values.Reset(names.Count);
    }

    /// <summary>Adds the values of a step, after closing the window it is beyond.</summary>
    public void Add(RunAnalysis analysis, StepInput input, int attempt, int segment, ICollection<LayerBlock> output)
    {
        if (names.Count == 0)
        {
            return;
        }

        if (segmentStart < 0)
        {
            segmentStart = input.Step;
        }

        if (steps > 0 && input.Step >= start + width)
        {
            Close(attempt, segment, output);
        }

        if (steps == 0)
        {
            (start, width) = WindowWidth.At(input.Step, segmentStart, previousEnd, names.Count);
            firstTime = input.TimeUnixNs;
        }

        steps++;
        lastStep = input.Step;
        values.Add(analysis, input);
    }

    /// <summary>Emits the open window, if any.</summary>
    public void Close(int attempt, int segment, ICollection<LayerBlock> output)
    {
        if (steps == 0)
        {
            return;
        }

        output.Add(values.ToBlock(attempt, segment, start, width, lastStep, firstTime, tableVersion, names));
        previousEnd = start + width;
        steps = 0;
        values.BeginWindow();
    }

    public void Save(StateWriter writer)
    {
        writer.Write(tableVersion);
        writer.Write(segmentStart);
        writer.Write(start);
        writer.Write(width);
        writer.Write(previousEnd);
        writer.Write(firstTime);
        writer.Write(lastStep);
        writer.Write(steps);
        values.Save(writer);
    }

    public void Load(ref StateReader reader, IReadOnlyList<string> layerNames)
    {
        names = layerNames;
        tableVersion = reader.ReadInt32();
        segmentStart = reader.ReadInt64();
        start = reader.ReadInt64();
        width = reader.ReadInt64();
        previousEnd = reader.ReadInt64();
        firstTime = reader.ReadInt64();
        lastStep = reader.ReadInt64();
        steps = reader.ReadInt32();
        values.Load(ref reader, names.Count);
    }
}
