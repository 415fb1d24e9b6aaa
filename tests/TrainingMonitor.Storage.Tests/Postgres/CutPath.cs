using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Storage.Tests.Postgres;

/// <summary>A path to a server that passes bytes on, and cuts a connection now and then right after a request has gone through: the server does what it was asked,
/// and its answer is lost.</summary>
internal sealed class CutPath : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly int target;
    private readonly Task accepting;
    private int requests;
    private int cuts;

    public CutPath(int target)
    {
        this.target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Every so many requests the answer is lost; 0: none is.</summary>
    public int CutEvery { get; set; }

    public int Cuts => Volatile.Read(ref cuts);

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        await accepting;
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var paths = new List<Task>();
        try
        {
            while (true)
            {
                paths.Add(PassAsync(await listener.AcceptTcpClientAsync(closing.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(paths);
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, closing.Token);
                var cut = false;
                var there = CopyAsync(client.GetStream(), server.GetStream(), () => cut = CutEvery > 0 && Interlocked.Increment(ref requests) % CutEvery == 0, () => false);
                var back = CopyAsync(server.GetStream(), client.GetStream(), () => false, () => cut);
                await Task.WhenAny(there, back);
                client.Close();
                server.Close();
                await Task.WhenAll(there, back);
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One end has gone; the other one follows.
            }
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Func<bool> passed, Func<bool> lost)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, closing.Token) is > 0 and var count)
        {
            if (lost())
            {
                // The server has answered, so it is done; the client never hears.
                Interlocked.Increment(ref cuts);
                return;
            }

            passed();
            await to.WriteAsync(buffer.AsMemory(0, count), closing.Token);
        }
    }
}
