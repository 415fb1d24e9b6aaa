using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.State;

/// <summary>What the inputs applied since the last <see cref="Take"/> brought forth. Reused.</summary>
public sealed class RunOutput
{
    /// <summary>Run-level points.</summary>
    public IList<RunPoint> Points => points;

    /// <summary>Closed layer windows.</summary>
    public IList<LayerBlock> Blocks => blocks;

    /// <summary>Probes.</summary>
    public IList<ProbePoint> Probes => probes;

    /// <summary>User scalars.</summary>
    public IList<ScalarPoint> Scalars => scalars;

    /// <summary>Alert transitions.</summary>
    public IList<Alert> Alerts => alerts;

    /// <summary>The run's list row has to be written again.</summary>
    public bool RowDue { get; set; }

    /// <summary>How many things are in it.</summary>
    public int Count => points.Count + blocks.Count + probes.Count + scalars.Count + alerts.Count;

    // So much is copied, and the list stays with the run: a slow run hands on one point a step and nothing else.
    private const int Few = 16;

    private List<RunPoint> points = [];
    private List<LayerBlock> blocks = [];
    private List<ProbePoint> probes = [];
    private List<ScalarPoint> scalars = [];
    private List<Alert> alerts = [];

    /// <summary>Moves everything into one write and empties this.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="position">Log position of the last input behind it.</param>
    /// <param name="project">Project of the run.</param>
    /// <param name="row">The row, where due.</param>
    public RunWrites Take(string runId, long position, string project, RunRow? row)
    {
        var writes = new RunWrites(runId, position)
        {
            Project = project,
            Points = Take(ref points),
            Blocks = Take(ref blocks),
            Probes = Take(ref probes),
            Scalars = Take(ref scalars),
            Alerts = Take(ref alerts),
            Row = row,
        };
        RowDue = false;
        return writes;
    }

    /// <summary>Throws everything away (it is in the store already).</summary>
    public void Clear()
    {
        points.Clear();
        blocks.Clear();
        probes.Clear();
        scalars.Clear();
        alerts.Clear();
        RowDue = false;
    }

    private static IReadOnlyList<T> Take<T>(ref List<T> list)
    {
        if (list.Count > Few)
        {
            var all = list;
            list = [];
            return all;
        }

        T[] taken = [.. list];
        list.Clear();
        return taken;
    }
}
