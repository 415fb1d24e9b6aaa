using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Tests.Influx;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>The log of a run applied from its beginning: what everything else is held against.</summary>
public sealed class Replay
{
    private readonly List<(long Position, StoredPoint Point)> points = [];
    private readonly List<Alert> alerts = [];
    private readonly List<string> failures = [];

    /// <summary>Replays.</summary>
    public Replay(RunEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        var machine = new RunStateMachine(evidence.RunId);
        var output = new RunOutput();
        foreach (var record in evidence.Log)
        {
            RunReplay.Apply(machine, record, output);
            if (machine.Defect is { } defect)
            {
                failures.Add($"position {record.Position}: {defect.Message}");
            }

            if (output.Count > 0)
            {
                Take(machine, record.Position, output);
            }
        }

        Detail = machine.Detail();
        Position = evidence.Log.Count > 0 ? evidence.Log[^1].Position : 0;
    }

    /// <summary>Last position applied.</summary>
    public long Position { get; }

    /// <summary>The state as readers see it.</summary>
    public RunDetail Detail { get; }

    /// <summary>All points with the position of the input behind each.</summary>
    public IReadOnlyList<(long Position, StoredPoint Point)> Points => points;

    /// <summary>All alert transitions.</summary>
    public IReadOnlyList<Alert> Alerts => alerts;

    /// <summary>Inputs that could not be applied.</summary>
    public IReadOnlyList<string> Failures => failures;

    private void Take(RunStateMachine machine, long position, RunOutput output)
    {
        var writes = output.Take(machine.RunId, position, machine.Project, row: null);
        alerts.AddRange(writes.Alerts);
        var lines = new SeriesLines((body, _) => points.AddRange(LineParser.Parse(body.Span).Select(line =>
            (position, StoredPoint.Of(line.Measurement, line.Tags, line.Fields.Select(field => KeyValuePair.Create(field.Key, (object?)field.Value)), line.Time)))));
        lines.Add(writes);
        lines.Flush();
    }
}
