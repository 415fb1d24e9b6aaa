using System.CommandLine;
using TrainingMonitor.Attach.Checks;
using TrainingMonitor.Cli.Attaching;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon attach PID</c>.</summary>
internal static class AttachCommand
{
    private const double DefaultWait = 60;

    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var pid = new Argument<int>("PID") { Description = "The process that trains: the Python process itself, not torchrun or a shell." };
        var method = new Option<string?>("--method") { Description = "Way in: gdb or remote-exec (default: remote-exec from Python 3.14 on, else gdb)." };
        method.AcceptOnlyFromAmong("gdb", "remote-exec");
        var yes = new Option<bool>("--yes") { Description = "Go on where it must be asked: one of several ranks." };
        var dry = new Option<bool>("--dry-run") { Description = "Look, say what would be done, do nothing." };
        var wait = NumberOption.Positive("--wait", $"Seconds to wait for a training step (default: {DefaultWait}).");
        var json = CommonOptions.Json();
        var payload = new PayloadOptions();
        var command = new Command("attach", "Watch a PyTorch training that is already running, without a restart.") { pid, method, yes, dry, wait, json };
        payload.AddTo(command);
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, () =>
        {
            if (!OperatingSystem.IsLinux())
            {
                throw LinuxOnly.Error("attach");
            }

            var request = new AttachRequest(
                parsed.GetRequiredValue(pid),
                parsed.GetValue(method) switch { "gdb" => AttachMethod.Gdb, "remote-exec" => AttachMethod.RemoteExec, _ => null },
                parsed.GetValue(yes),
                parsed.GetValue(dry),
                parsed.GetValue(json),
                TimeSpan.FromSeconds(Math.Min(parsed.GetValue(wait) ?? DefaultWait, 3600)));
            return new AttachRun(context, connection.Locate(context, parsed), request).RunAsync((socket, secret) => payload.Read(context, parsed, socket, secret), stop);
        }));
        return command;
    }
}
