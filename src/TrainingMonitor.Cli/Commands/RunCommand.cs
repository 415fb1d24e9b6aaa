using System.CommandLine;
using TrainingMonitor.Cli.Attaching;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon run -- COMMAND</c>.</summary>
internal static class RunCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var program = new Argument<string[]>("COMMAND") { Description = "The program and its arguments, after '--': python train.py, torchrun, a shell script.", Arity = ArgumentArity.OneOrMore };
        var payload = new PayloadOptions();
        var command = new Command("run", "Start a PyTorch training under the monitor, without a change to its code.") { program };
        payload.AddTo(command);
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, () => !OperatingSystem.IsLinux()
            ? throw LinuxOnly.Error("run")
            : new WatchedProgram(context, connection.Locate(context, parsed)).RunAsync(parsed.GetRequiredValue(program), (socket, secret) => payload.Read(context, parsed, socket, secret), stop)));
        return command;
    }
}
