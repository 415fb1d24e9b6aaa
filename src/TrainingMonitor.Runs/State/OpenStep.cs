using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Runs.State;

/// <summary>A step that some ranks have reported and others have not.</summary>
internal sealed class OpenStep(StepKey key)
{
    public StepKey Key { get; } = key;

    /// <summary>Whole reports, ascending by rank.</summary>
    public List<RankReport> Reports { get; } = [];

    /// <summary>Frames (probes, descriptions) that a rank sent after its report of this step; applied after it, in order of arrival.</summary>
    public List<RankFrame> After { get; } = [];

    public void Add(RankReport report)
    {
        var at = Reports.Count;
        while (at > 0 && Reports[at - 1].Rank > report.Rank)
        {
            at--;
        }

        Reports.Insert(at, report);
    }

    public void Save(StateWriter writer)
    {
        writer.Write(Key.Segment);
        writer.Write(Key.Step);
        writer.Write(Reports.Count);
        foreach (var report in Reports)
        {
            writer.Write(report.Rank);
            StateMessages.Write(writer, report.Parts);
        }

        writer.Write(After.Count);
        foreach (var frame in After)
        {
            writer.Write(frame.Rank);
            writer.Write(frame.Segment);
            StateMessages.Write(writer, frame.Frame);
        }
    }

    public static OpenStep Load(ref StateReader reader)
    {
        var step = new OpenStep(new StepKey(reader.ReadInt32(), reader.ReadInt64()));
        var reports = StateMessages.Count(ref reader);
        for (var i = 0; i < reports; i++)
        {
            var rank = reader.ReadInt32();
            var parts = new List<StepReport>();
            StateMessages.Read(ref reader, parts, StepReport.Parser);
            step.Reports.Add(new RankReport(rank, parts));
        }

        var frames = StateMessages.Count(ref reader);
        for (var i = 0; i < frames; i++)
        {
            step.After.Add(new RankFrame(reader.ReadInt32(), reader.ReadInt32(), StateMessages.Read(ref reader, TrainerFrame.Parser)));
        }

        return step;
    }
}
