using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using TrainingMonitor.Cli.Commands;

namespace TrainingMonitor.Cli;

/// <summary>The command <c>trainmon</c> with all its subcommands.</summary>
public static class TrainmonCommand
{
    /// <summary>Parses and runs a command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(CliContext context, IReadOnlyList<string> arguments, CancellationToken cancellationToken = default)
    {
        var parsed = Create(context).Parse(arguments);
        if (parsed.Action is ParseErrorAction || (parsed.Action is null && parsed.Errors.Count > 0))
        {
            var path = string.Join(' ', CommandPath(parsed.CommandResult));
            var mistake = parsed.UnmatchedTokens is [var unknown, ..] ? $"There is no command or option '{unknown}'" : parsed.Errors[0].Message.TrimEnd('.');
            await context.Error.WriteLineAsync($"{mistake}. See {path} --help.");
            return ExitCodes.Usage;
        }

        // No handling of signals here: a handler that waits for the command would keep the server's own from running.
        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = context.Output, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
            cancellationToken);
    }

    /// <summary>The tree of commands.</summary>
    public static RootCommand Create(CliContext context)
    {
        var root = new RootCommand("Watches training runs: signal and noise, memorization, grokking, edge of stability.");
        foreach (var option in root.Options.Where(option => option is VersionOption).ToArray())
        {
            // 'trainmon version' says more.
            root.Options.Remove(option);
        }

        var connection = new ConnectionOptions();
        connection.AddTo(root);
        root.Add(ServeCommand.Create(context));
        root.Add(DemoCommand.Create(context));
        root.Add(RunsCommand.Create(context, connection));
        root.Add(ShowCommand.Create(context, connection));
        root.Add(AlertsCommand.Create(context, connection));
        root.Add(SilenceCommand.Create(context, connection));
        root.Add(AckCommand.Create(context, connection));
        root.Add(NotifyCommand.Create(context, connection));
        root.Add(TokenCommand.Create(context, connection));
        root.Add(BackupCommand.Create(context, connection));
        root.Add(BackupCommand.Restore(context));
        root.Add(ExportCommand.Create(context, connection));
        root.Add(RecordCommand.Create(context, connection));
        root.Add(ReplayCommand.Create(context, connection));
        root.Add(RunCommand.Create(context, connection));
        root.Add(AttachCommand.Create(context, connection));
        root.Add(DetachCommand.Create(context));
        root.Add(AgentCommand.Create(context, connection));
        root.Add(TailCommand.Create(context, connection));
        root.Add(DoctorCommand.Create(context, connection));
        root.Add(VersionCommand.Create(context));
        return root;
    }

    private static Stack<string> CommandPath(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result; at is CommandResult command; at = at.Parent)
        {
            names.Push(command.Command is RootCommand ? "trainmon" : command.Command.Name);
        }

        return names;
    }
}
