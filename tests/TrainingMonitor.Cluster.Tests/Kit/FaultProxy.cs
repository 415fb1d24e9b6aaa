using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>A TCP proxy on loopback that can be told at any time to stall, to refuse, to reset what is open, or to be slow. With several targets it takes them in turn and passes over those
/// that do not answer, as a load balancer does.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener listener;
    private readonly Func<IReadOnlyList<int>> targets;
    private readonly ConcurrentDictionary<ProxyLink, byte> links = new();
    private readonly CancellationTokenSource ending = new();
    private readonly Task accepting;
    private int turn;

    /// <summary>Listens.</summary>
    /// <param name="targets">Ports that it leads to.</param>
    public FaultProxy(params int[] targets)
        : this(() => targets)
    {
    }

    /// <summary>Listens.</summary>
    /// <param name="targets">Ports that it leads to, asked for each connection.</param>
    public FaultProxy(Func<IReadOnlyList<int>> targets)
    {
        this.targets = targets;
        listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = Task.Run(AcceptAsync);
    }

    public int Port { get; }

    /// <summary>What it does with connections of a peer, given the port of the peer's end. Asked again for every piece of data.</summary>
    public Func<int, ProxyMode> Mode { get; set; } = _ => ProxyMode.Pass;

    /// <summary>How long each piece of data waits, each way.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Connections open now.</summary>
    public int Open => links.Count;

    /// <summary>Ends all open connections with a reset.</summary>
    public void Reset()
    {
        foreach (var link in links.Keys)
        {
            link.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Stop();
        Reset();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        listener.Dispose();
        ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!ending.IsCancellationRequested)
        {
            var client = await listener.AcceptSocketAsync(ending.Token);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        try
        {
            var peer = ((IPEndPoint)client.RemoteEndPoint!).Port;
            if (Mode(peer) == ProxyMode.Refuse || await ConnectAsync() is not { } server)
            {
                ProxyLink.Reset(client);
                return;
            }

            using var link = new ProxyLink(client, server, () => Mode(peer), () => Latency);
            links[link] = 0;
            await link.RunAsync(ending.Token);
            links.TryRemove(link, out _);
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            client.Dispose();
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var all = targets();
        var first = Interlocked.Increment(ref turn);
        for (var i = 0; i < all.Count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, all[(first + i) % all.Count], ending.Token);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }

        return null;
    }
}
