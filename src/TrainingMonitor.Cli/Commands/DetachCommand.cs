using System.CommandLine;
using Spectre.Console;
using TrainingMonitor.Attach.Injection;
using TrainingMonitor.Attach.Targets;
using TrainingMonitor.Cli.Attaching;
using TrainingMonitor.Cli.Connection;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon detach PID</c>.</summary>
internal static class DetachCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3), Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context)
    {
        var pid = new Argument<int>("PID") { Description = "A process that 'trainmon attach' watches." };
        var command = new Command("detach", "Take the monitor off a process that 'trainmon attach' watches; the training goes on.") { pid };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            var (process, data) = (parsed.GetRequiredValue(pid), TokenFile.DataFolder(context.Variable));
            if (AttachedProcess.Find(data, process) is not { } attached)
            {
                var others = AttachedProcess.All(data);
                throw new CliException(ExitCodes.NotFound, $"Process {process} is not attached to. {(others.Count == 0 ? "None is." : $"Attached to: {string.Join(", ", others.Select(other => other.ProcessId))}.")}");
            }

            Signals.AskToEnd(attached.AgentId);
            var begun = context.Time.GetTimestamp();
            while (ProcFiles.StartOf(attached.AgentId) == attached.AgentStartTime)
            {
                if (context.Time.GetElapsedTime(begun) > Patience)
                {
                    throw new CliException(ExitCodes.Failure, $"The monitor lets go of process {process} at its next step; none came in {Patience.TotalMinutes:0} minutes.");
                }

                await Task.Delay(Poll, context.Time, stop);
            }

            context.Console.MarkupLine(Markup.Escape($"Process {process} is let go; run {attached.RunId} has ended. The training goes on."));
            return ExitCodes.Ok;
        }));
        return command;
    }
}
