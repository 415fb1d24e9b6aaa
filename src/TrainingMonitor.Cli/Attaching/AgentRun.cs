using System.Runtime.Versioning;
using TrainingMonitor.Attach.Targets;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Relay;
using TrainingMonitor.Relay.Sockets;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>The agent of one attached process: relays until the process has ended or was let go, then removes what was brought along.</summary>
[SupportedOSPlatform("linux")]
internal sealed class AgentRun(CliContext context, AgentRequest request)
{
    /// <summary>What it writes first.</summary>
    public const string Listening = "listening";

    private static readonly TimeSpan ConnectTime = TimeSpan.FromMinutes(10), Look = TimeSpan.FromSeconds(1), LetGoTime = TimeSpan.FromMinutes(2);

    /// <summary>Runs it. <paramref name="stop"/> lets the process go first.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var data = TokenFile.DataFolder(context.Variable);
        var me = Environment.ProcessId;
        var kept = new AttachedProcess(request.ProcessId, request.StartTime, me, ProcFiles.StartOf(me) ?? 0, request.RunId);
        var log = new AgentLog(Path.Combine(request.Folder, "agent.log"), context.Time);
        var voice = new AgentVoice(log);
        var ticket = new RelayTicket(request.Secret, request.User, request.ProcessId, once: true);
        var socket = SocketFolder.Socket(request.Folder);
        var relay = RelayServer.Start(new RelayOptions(socket, ticket, request.Server, request.Token) { Tls = request.Tls ?? Client.ClientTlsFiles.None, AllowPlainToken = true, Say = log.Write, Time = context.Time }, voice);
        await using (relay)
        {
            SocketFolder.Give(socket, request.User, request.Group);
            kept.Keep(data);
            await context.Output.WriteLineAsync(Listening);
            await context.Output.FlushAsync(CancellationToken.None);
            await WaitAsync(voice, stop);
            if (voice.IsConnected && !voice.HasEnded && ProcFiles.StartOf(request.ProcessId) == request.StartTime)
            {
                relay.Detach();
                await voice.Ended.WaitAsync(LetGoTime, context.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        kept.Forget(data);
        RemoveFolder();
    }

    private async Task WaitAsync(AgentVoice voice, CancellationToken stop)
    {
        var begun = context.Time.GetTimestamp();
        while (!stop.IsCancellationRequested && !voice.HasEnded)
        {
            if (ProcFiles.StartOf(request.ProcessId) != request.StartTime || (!voice.IsConnected && context.Time.GetElapsedTime(begun) > ConnectTime))
            {
                return;
            }

            await voice.Ended.WaitAsync(Look, context.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void RemoveFolder()
    {
        try
        {
            Directory.Delete(request.Folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It lay in a container that is gone.
        }
    }
}
