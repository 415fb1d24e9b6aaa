using System.Net.Sockets;
using TrainingMonitor.Relay.Sessions;

namespace TrainingMonitor.Relay;

/// <summary>Listens on a Unix socket and sends what local training processes report (docs/relay.md).</summary>
public sealed class RelayServer : IAsyncDisposable
{
    private const int MostConnections = 256;

    private readonly RelayOptions options;
    private readonly IRelayObserver observer;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly Dictionary<RelaySession, Task> sessions = [];
    private readonly Task accepting;

    private RelayServer(RelayOptions options, IRelayObserver observer)
    {
        this.options = options;
        this.observer = observer;
        listener.Bind(new UnixDomainSocketEndPoint(options.Socket));
        listener.Listen(64);
        accepting = AcceptAsync();
    }

    /// <summary>Connections that are open or whose reports are still being delivered.</summary>
    public int Sessions
    {
        get
        {
            lock (gate)
            {
                return sessions.Count;
            }
        }
    }

    /// <summary>Starts listening.</summary>
    /// <exception cref="SocketException">The socket cannot be made at that path.</exception>
    public static RelayServer Start(RelayOptions options, IRelayObserver observer) => new(options, observer);

    /// <summary>Asks all processes to take their hooks off and say goodbye.</summary>
    public void Detach()
    {
        lock (gate)
        {
            foreach (var session in sessions.Keys)
            {
                session.Detach();
            }
        }
    }

    /// <summary>Completes when every connection has ended and is delivered.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task[] open;
            lock (gate)
            {
                open = [.. sessions.Values];
            }

            if (open.Length == 0)
            {
                return;
            }

            await Task.WhenAll(open).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Closes the socket and all connections, and waits until what came is delivered or put aside.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        await DrainAsync(CancellationToken.None);
        stop.Dispose();
        File.Delete(options.Socket);
    }

    private async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(stop.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException error)
            {
                // No more file descriptors, or a client that left at once.
                options.Say($"a connection could not be taken: {error.Message}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), options.Time, CancellationToken.None);
                continue;
            }

            if (Sessions >= MostConnections)
            {
                observer.TurnedAway($"{MostConnections} processes are connected already");
                socket.Dispose();
                continue;
            }

            Begin(socket);
        }
    }

    private void Begin(Socket socket)
    {
        var session = new RelaySession(socket, options, observer);
        lock (gate)
        {
            sessions.Add(session, Task.Run(() => RunAsync(session), CancellationToken.None));
        }
    }

    private async Task RunAsync(RelaySession session)
    {
        try
        {
            await session.RunAsync(stop.Token);
        }
        catch (Exception error)
        {
            // One process's connection must not end those of others.
            options.Say($"a connection ended with a fault: {error}");
        }
        finally
        {
            lock (gate)
            {
                sessions.Remove(session);
            }

            session.Dispose();
        }
    }
}
