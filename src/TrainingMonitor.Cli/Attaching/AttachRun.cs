using System.Runtime.Versioning;
using Spectre.Console;
using TrainingMonitor.Attach;
using TrainingMonitor.Attach.Checks;
using TrainingMonitor.Attach.Injection;
using TrainingMonitor.Attach.Staging;
using TrainingMonitor.Attach.Targets;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Relay;
using TrainingMonitor.Relay.Sockets;

namespace TrainingMonitor.Cli.Attaching;

/// <summary><c>trainmon attach</c>: looks first, says what it will do, brings the payload in, and waits until a step was seen.</summary>
[SupportedOSPlatform("linux")]
internal sealed class AttachRun(CliContext context, ServerLocation location, AttachRequest request)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private readonly string data = TokenFile.DataFolder(context.Variable);

    /// <summary>Does it.</summary>
    /// <param name="configuration">The payload's configuration for a socket and a secret.</param>
    /// <param name="stop">Gives up; the process goes on either way.</param>
    /// <exception cref="CliException">It is not possible or not safe.</exception>
    public async Task<int> RunAsync(Func<string, string, PayloadConfiguration> configuration, CancellationToken stop)
    {
        var process = Read();
        if (AttachedProcess.Find(data, process.Id) is { } known)
        {
            throw new CliException(ExitCodes.Failure, $"Process {process.Id} is watched already, as run {known.RunId}. End that with 'trainmon detach {process.Id}'.");
        }

        var machine = Machine.Look();
        var method = request.Method ?? AttachChecks.MethodFor(TargetPython.Of(process));
        Require(AttachChecks.Of(process, machine, method));
        var inner = process.OtherRoot ? "/tmp" : Path.GetTempPath().TrimEnd('/');
        Say(Plan(process, method));
        if (request.DryRun)
        {
            Write(new(process.Id, Name(method), "planned", configuration("", "").RunId));
            return ExitCodes.Ok;
        }

        var folder = SocketFolder.Make(process.Root + inner, process.User == machine.User ? null : (process.User, process.Group));
        var innerFolder = folder[process.Root.Length..];
        var agentHasFolder = false;
        try
        {
            var settings = configuration(SocketFolder.Socket(innerFolder), RelayTicket.NewSecret());
            PayloadFolder.CopyPackage(folder);
            PayloadFolder.Write(folder, settings);
            var boot = PayloadFolder.WriteBoot(folder, innerFolder);
            var agent = await AgentProcess.StartAsync(
                new(folder, settings.Secret, process.Id, process.StartTime, process.User, process.Group, settings.RunId, location.Grpc, location.Token) { Tls = location.Tls }, stop);
            agentHasFolder = true; // and removes it at its end
            try
            {
                await Injector.RunAsync(process, machine, method, boot, Path.Combine(folder, "gdb-script"), Injector.DefaultTime, stop);
                return await FollowAsync(process, method, folder, settings.RunId, stop);
            }
            catch (Exception error) when (error is InjectionException or CliException or OperationCanceledException)
            {
                Signals.AskToEnd(agent);
                throw error is InjectionException ? new CliException(ExitCodes.Failure, $"Process {process.Id} is not watched: {error.Message}.", error) : error;
            }
        }
        catch (Exception) when (!agentHasFolder)
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private TargetProcess Read()
    {
        try
        {
            return ProcFiles.Read(request.ProcessId) ?? throw new CliException(ExitCodes.NotFound, $"There is no process {request.ProcessId}.");
        }
        catch (UnauthorizedAccessException error)
        {
            throw new CliException(ExitCodes.Denied, error.Message, error);
        }
    }

    private void Require(IReadOnlyList<AttachCheck> checks)
    {
        var against = checks.Where(check => check.Verdict == AttachVerdict.Refused || (check.Verdict == AttachVerdict.Ask && !request.Yes)).ToList();
        if (against.Count > 0)
        {
            throw new CliException(ExitCodes.Failure, string.Join(Environment.NewLine, against.Select(check => $"{check.Name}: {check.Found}: {check.Advice}.").Prepend($"Process {request.ProcessId} is left alone.")));
        }
    }

    private string Plan(TargetProcess process, AttachMethod method) => method == AttachMethod.RemoteExec
        ? $"Process {process.Id}: its interpreter will run the monitor's code at its next safe point, by sys.remote_exec. It is not stopped."
        : $"Process {process.Id}: gdb will stop it for a part of a second and leave the monitor's code for its interpreter to run.";

    private async Task<int> FollowAsync(TargetProcess process, AttachMethod method, string folder, string runId, CancellationToken stop)
    {
        var begun = context.Time.GetTimestamp();
        var said = 0;
        while (true)
        {
            foreach (var status in (Directory.Exists(folder) ? PayloadStatus.Read(folder) : []).Skip(said))
            {
                said++;
                switch (status.State)
                {
                    case "refused" or "fault" or "off": throw new CliException(ExitCodes.Failure, $"Process {process.Id} is not watched: {status.Reason ?? status.Error ?? "the monitor is off"}.");
                    case "found" when status.Optimizers is { Count: > 0 } found: Say($"Found {string.Join(", ", found)}."); break;
                    case "found": Say("No optimizer lives yet; the first one that steps will be watched."); break;
                    case "said": Say(status.Sentence ?? ""); break;
                    case "watching":
                        Say($"Watching {status.Optimizer} of {status.Model} from step {status.FirstStep} on, as run {runId}. 'trainmon detach {process.Id}' ends it.");
                        Say(new Uri(location.Http, $"/runs/{Uri.EscapeDataString(runId)}").ToString());
                        Write(new(process.Id, Name(method), "watching", runId, status.Optimizer, status.Model, status.DatasetSize, status.Sampling, status.FirstStep));
                        return ExitCodes.Ok;
                    default: break;
                }
            }

            if (ProcFiles.StartOf(process.Id) != process.StartTime)
            {
                throw new CliException(ExitCodes.Failure, $"Process {process.Id} has ended.");
            }

            if (context.Time.GetElapsedTime(begun) > request.Wait)
            {
                Say($"No step was seen in {request.Wait.TotalSeconds:0} s; the monitor waits inside. 'trainmon detach {process.Id}' takes it off.");
                Write(new(process.Id, Name(method), "waiting", runId));
                return ExitCodes.Ok;
            }

            await Task.Delay(Poll, context.Time, stop);
        }
    }

    private void Say(string sentence)
    {
        if (!request.Json)
        {
            context.Console.MarkupLine(Markup.Escape(sentence));
        }
    }

    private void Write(AttachJson done)
    {
        if (request.Json)
        {
            CliJson.WriteLine(context.Output, done);
        }
    }

    private static string Name(AttachMethod method) => method == AttachMethod.Gdb ? "gdb" : "remote-exec";
}
