using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using TrainingMonitor.Attach.Injection;
using TrainingMonitor.Attach.Staging;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Relay;
using TrainingMonitor.Relay.Sockets;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>Runs a program whose Python processes start with the monitor inside, and relays for them. Whatever the monitor does, the program runs and its exit code is the command's.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WatchedProgram(CliContext context, ServerLocation location)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs it to its end.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="configuration">The payload's configuration for a socket and a secret.</param>
    /// <param name="stop">Set at the first signal; the program had it too.</param>
    /// <returns>The program's exit code.</returns>
    public async Task<int> RunAsync(string[] command, Func<string, string, PayloadConfiguration> configuration, CancellationToken stop)
    {
        var folder = SocketFolder.Make(Path.GetTempPath());
        var voice = new ConsoleVoice(context);
        try
        {
            var settings = configuration(SocketFolder.Socket(folder), RelayTicket.NewSecret());
            PayloadFolder.CopyPackage(folder);
            PayloadFolder.Write(folder, settings);
            var ticket = new RelayTicket(settings.Secret, OpenAgent.User());
            var options = new RelayOptions(settings.Socket, ticket, location.Grpc, location.Token) { Tls = location.Tls, AllowPlainToken = true, Say = voice.Say, Patience = Patience, Time = context.Time };
            await using var relay = RelayServer.Start(options, voice);
            var exit = await RunAsync(command, folder, settings.RunId, stop);
            Faults(folder, voice);

            // What the processes sent last is still in their sockets' buffers.
            await relay.DrainAsync(CancellationToken.None);
            return exit;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<int> RunAsync(string[] command, string folder, string runId, CancellationToken stop)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false };
        var path = context.Variable("PYTHONPATH");
        start.Environment["PYTHONPATH"] = PayloadFolder.WriteStart(folder) + (string.IsNullOrEmpty(path) ? "" : $":{path}");
        start.Environment["TRAINMON_RUN_FOLDER"] = folder;
        start.Environment["TRAINMON_RUN_ID"] = runId; // one run for all ranks
        Process process;
        try
        {
            process = Process.Start(start) ?? throw new CliException(ExitCodes.Failure, $"{command[0]} cannot be started.");
        }
        catch (Win32Exception error)
        {
            throw new CliException(ExitCodes.Failure, $"{command[0]} cannot be started: {error.Message}.", error);
        }

        using (process)
        using (Forward(PosixSignal.SIGTERM, () => Signals.AskToEnd(process.Id)))
        using (Forward(PosixSignal.SIGINT, () => AskToInterrupt(process)))
        {
            // A signal ends the program, not the wait for it: it may have something to save.
            await process.WaitForExitAsync(CancellationToken.None);
            return process.ExitCode;
        }
    }

    private static PosixSignalRegistration Forward(PosixSignal signal, Action action) => PosixSignalRegistration.Create(signal, given =>
    {
        given.Cancel = true;
        action();
    });

    // Ctrl-C in a terminal reaches the whole group; without a terminal it was sent to this process alone.
    private static void AskToInterrupt(Process process)
    {
        if (Console.IsInputRedirected)
        {
            Signals.AskToInterrupt(process.Id);
        }
    }

    private static void Faults(string folder, ConsoleVoice voice)
    {
        foreach (var status in PayloadStatus.Read(folder))
        {
            if (status.State is "fault" or "refused")
            {
                voice.Say($"the program ran without the monitor: {status.Error ?? status.Reason}");
            }
            else if (status is { State: "said", Sentence: { } sentence })
            {
                voice.Say(sentence);
            }
        }
    }
}
