using TrainingMonitor.Logs.Following;
using TrainingMonitor.Logs.Naming;

namespace TrainingMonitor.Cli.Tail;

/// <summary>Finds the place in a log where an earlier <c>tail</c> of the same run ended.</summary>
internal static class LogPlace
{
    /// <summary>
    /// Entries to pass over: those up to the last one of the server's newest step. A log without that step was replaced or rewound since: where it ends before the step,
    /// its newest stretch is new; else what lies beyond the step.
    /// </summary>
    /// <param name="source">The log, from its start; it is read to its end.</param>
    /// <param name="names">Names a person decided about.</param>
    /// <param name="serverStep">Newest step the server has; -1: none.</param>
    public static long After(ILogSource source, NameMap names, long serverStep)
    {
        if (serverStep < 0)
        {
            return 0;
        }

        var steps = new StepAssembler(names, NoSink.Instance);
        long index = 0, beyond = -1, stretch = 0, same = -1, before = -1;
        foreach (var entry in source.Poll())
        {
            if (steps.StepOf(entry) is { } step)
            {
                same = step == serverStep ? index : same;
                beyond = step > serverStep && beyond < 0 ? index : beyond;
                stretch = step < before ? index : stretch;
                before = step;
            }

            // Numbers without a use that follow their step belong to it.
            same = same == index - 1 && entry.Step == serverStep ? index : same;
            index++;
        }

        return same >= 0 ? same + 1 : before < serverStep ? stretch : beyond;
    }
}
