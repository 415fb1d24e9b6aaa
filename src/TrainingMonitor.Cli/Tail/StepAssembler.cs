using TrainingMonitor.Logs;
using TrainingMonitor.Logs.Naming;

namespace TrainingMonitor.Cli.Tail;

/// <summary>
/// Makes steps of a log's entries. A step is open until a number of a later step comes, or the log is silent. Only numbers of training move it: other tags of an event
/// file may count in epochs or samples, and stay scalars at their own step. A number of training whose own step goes back is a restart: the step goes back too, and the
/// server opens a segment.
/// </summary>
internal sealed class StepAssembler(NameMap names, ITailSink sink)
{
    private const int MostScalars = 256, MostNameBytes = 128;

    private readonly Dictionary<Known, long> newest = [];
    private readonly Dictionary<string, double> scalars = new(StringComparer.Ordinal);
    private readonly List<(Known Known, double Value)> late = [];
    private OpenStep? open;
    private (long Step, long Time) scalarsAt;
    private long ownSteps = -1;

    /// <summary>Newest step sent; -1: none.</summary>
    public long LastStep { get; private set; } = -1;

    /// <summary>Step reports handed over.</summary>
    public long Steps { get; private set; }

    /// <summary>Scalars handed over.</summary>
    public long Scalars { get; private set; }

    /// <summary>Entries had no step and were counted instead.</summary>
    public bool CountsEntries { get; private set; }

    /// <summary>The step that an entry's numbers of training are of; null: it has none. Counts entries without a step.</summary>
    public long? StepOf(LogEntry entry)
    {
        var trains = entry.Values.Any(value => Trains(names.Of(value.Key)));
        var step = entry.Step ?? NamedStep(entry);
        if (step is null && trains)
        {
            step = ++ownSteps;
            CountsEntries = true;
        }

        return trains ? step : null;
    }

    /// <summary>Takes an entry whose step <see cref="StepOf"/> told.</summary>
    public void Add(LogEntry entry, long? trainingStep)
    {
        var step = trainingStep ?? entry.Step ?? NamedStep(entry) ?? Math.Max(open?.Step ?? LastStep, 0);
        var time = Math.Max(entry.TimeUnixNs, 0);
        foreach (var (name, value) in entry.Values)
        {
            var known = names.Of(name);
            if (known != Known.Step && (known == Known.None || !Place(known, step, value, time)))
            {
                AddScalar(name, step, value, time);
            }
        }
    }

    /// <summary>Sends what is open: the log is silent, or over.</summary>
    public void Flush()
    {
        FlushStep();
        FlushScalars();
    }

    private static bool Trains(Known known) => known is Known.Loss or Known.LearningRate or Known.GradNorm or Known.Accuracy;

    private long? NamedStep(LogEntry entry)
    {
        foreach (var (name, value) in entry.Values)
        {
            if (names.Of(name) == Known.Step && value is >= 0 and < 1e15)
            {
                return (long)value;
            }
        }

        return null;
    }

    private bool Place(Known known, long step, double value, long time)
    {
        if (open?.Step == step)
        {
            Remember(known, step);
            return open.Set(known, value, time);
        }

        var current = open?.Step ?? LastStep;
        var back = Trains(known) && newest.TryGetValue(known, out var before) && before >= step && step < current;
        if (step > current ? Trains(known) || IsHeldOut(known) : back)
        {
            FlushStep();
            FlushScalars();
            open = new(step);
            Remember(known, step);
            foreach (var (kind, number) in late)
            {
                open.Set(kind, number, 0);
            }

            late.Clear();
            return open.Set(known, value, time);
        }

        if (step == current && IsHeldOut(known))
        {
            // An evaluation after its step was sent: it rides with the next one, before which it was made.
            late.Add((known, value));
            return true;
        }

        return false;
    }

    private void Remember(Known known, long step)
    {
        if (Trains(known))
        {
            newest[known] = step;
        }
    }

    private static bool IsHeldOut(Known known) => known is Known.HeldOutLoss or Known.HeldOutAccuracy;

    private void AddScalar(string name, long step, double value, long time)
    {
        if (scalars.Count >= MostScalars || (scalars.Count > 0 && (scalarsAt.Step != step || scalars.ContainsKey(name))))
        {
            FlushScalars();
        }

        var plain = ScalarName.Of(name, MostNameBytes);
        if (plain.Length > 0)
        {
            scalarsAt = (step, Math.Max(time, scalars.Count > 0 ? scalarsAt.Time : 0));
            scalars[plain] = value;
        }
    }

    private void FlushStep()
    {
        if (open is null)
        {
            return;
        }

        sink.Report(open.Report());
        LastStep = open.Step;
        open = null;
        Steps++;
    }

    private void FlushScalars()
    {
        if (scalars.Count == 0)
        {
            return;
        }

        // The step before its scalars: the other way round a restart's scalars would be written into the old segment.
        FlushStepUpTo(scalarsAt.Step);
        sink.Log(scalarsAt.Step, new Dictionary<string, double>(scalars, StringComparer.Ordinal), scalarsAt.Time);
        Scalars += scalars.Count;
        scalars.Clear();
    }

    private void FlushStepUpTo(long step)
    {
        if (open is not null && open.Step < step)
        {
            FlushStep();
        }
    }
}
