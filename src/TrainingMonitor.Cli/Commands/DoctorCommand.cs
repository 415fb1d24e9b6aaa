using System.CommandLine;
using Spectre.Console;
using TrainingMonitor.Cli.Doctor;
using TrainingMonitor.Cli.Json;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon doctor</c>.</summary>
internal static class DoctorCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var json = CommonOptions.Json();
        var pid = new Argument<int?>("PID") { Description = "A process: whether and why 'trainmon attach' can or cannot watch it.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("doctor", "Look for what may be wrong: server, token, versions, clock, data folder, tensor library; or whether a process can be attached to.") { pid, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            var location = connection.Locate(context, parsed);
            List<DoctorCheck> checks = parsed.GetValue(pid) is { } process ? [.. ProcessChecks.Of(process, context)] :
            [
                MachineChecks.Versions(),
                .. MachineChecks.DataFolder(context),
                await TrainingJobCheck.RunAsync(context, AppContext.BaseDirectory, stop),
                await ServerChecks.GrpcAsync(context, location, stop),
                .. await ServerChecks.HttpAsync(context, location, stop),
            ];
            var report = new DoctorReport(checks.TrueForAll(check => check.Verdict != "failure"), checks);
            if (parsed.GetValue(json))
            {
                CliJson.Write(context.Output, report);
            }
            else
            {
                foreach (var check in checks)
                {
                    context.Console.MarkupLine(Line(check));
                }
            }

            return report.Healthy ? ExitCodes.Ok : ExitCodes.Failure;
        }));
        return command;
    }

    private static string Line(DoctorCheck check)
    {
        var sign = check.Verdict switch
        {
            "ok" => "[green]✓[/]",
            "warning" => "[yellow]![/]",
            _ => "[red]✗[/]",
        };
        var advice = check.Advice is null ? "" : $": {Markup.Escape(check.Advice)}";
        return $"{sign} [bold]{check.Name}[/] {Markup.Escape(check.Found)}{advice}";
    }
}
