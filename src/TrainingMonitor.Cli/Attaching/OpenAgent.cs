using System.Runtime.Versioning;
using TrainingMonitor.Attach.Targets;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Relay;
using TrainingMonitor.Relay.Sockets;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>An agent for any of the user's processes that know the secret in its folder.</summary>
[SupportedOSPlatform("linux")]
internal sealed class OpenAgent(CliContext context, ServerLocation location)
{
    /// <summary>Runs until it is stopped, then delivers what is left.</summary>
    public async Task RunAsync(string? folder, Action<string> listening, CancellationToken stop)
    {
        var place = folder is null ? SocketFolder.Make(Path.GetTempPath()) : Prepare(folder);
        var secretFile = Path.Combine(place, "secret");
        var secret = RelayTicket.NewSecret();
        File.Delete(secretFile);
        await File.WriteAllTextAsync(secretFile, secret, stop);
        var options = new RelayOptions(SocketFolder.Socket(place), new RelayTicket(secret, User()), location.Grpc, location.Token) { Tls = location.Tls, AllowPlainToken = true, Say = context.Error.WriteLine, Patience = TimeSpan.FromSeconds(10) };
        await using (RelayServer.Start(options, new ConsoleVoice(context)))
        {
            listening(place);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        File.Delete(secretFile);
        if (folder is null)
        {
            Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>This process's user.</summary>
    public static uint User() => ProcFiles.Read(Environment.ProcessId)!.User;

    private static string Prepare(string folder)
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, Own);
        if ((File.GetUnixFileMode(folder) & ~Own) != UnixFileMode.None)
        {
            throw new CliException(ExitCodes.Failure, $"Other users can look into {folder}: run 'chmod 700 {folder}', or name another with --folder.");
        }

        var socket = SocketFolder.Socket(Path.GetFullPath(folder));
        if (File.Exists(socket) && !IsServed(socket))
        {
            File.Delete(socket); // of an agent that was killed
        }

        return Path.GetFullPath(folder);
    }

    private static bool IsServed(string socket)
    {
        try
        {
            using var probe = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            probe.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint(socket));
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
