using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using TrainingMonitor.Cli.Attaching;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon agent</c>.</summary>
internal static class AgentCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var attached = new Option<bool>("--attached") { Hidden = true, Description = "Serve one process that 'trainmon attach' is about to watch; told on standard input." };
        var folder = new Option<string?>("--folder") { Description = "Folder that gets the socket and the secret (default: a new one under the temporary folder)." };
        var command = new Command("agent", "Relay for training processes of this machine that cannot or shall not speak gRPC: buffers, spills to disk, sends.") { folder, attached };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            if (!OperatingSystem.IsLinux())
            {
                throw LinuxOnly.Error("agent");
            }

            if (parsed.GetValue(attached))
            {
                var request = JsonSerializer.Deserialize(await Console.In.ReadLineAsync(stop) ?? "", CliJson.Default.AgentRequest)
                    ?? throw new CliException(ExitCodes.Usage, "--attached is for 'trainmon attach' alone.");
                await new AgentRun(context, request).RunAsync(stop);
                return ExitCodes.Ok;
            }

            await new OpenAgent(context, connection.Locate(context, parsed)).RunAsync(parsed.GetValue(folder), place =>
                context.Console.MarkupLine(Markup.Escape($"Listening. Start trainings with TRAINMON_RELAY={place}; Ctrl-C ends it.")), stop);
            return ExitCodes.Ok;
        }));
        return command;
    }
}
