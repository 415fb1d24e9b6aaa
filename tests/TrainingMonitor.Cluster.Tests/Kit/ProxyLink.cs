using System.Net.Sockets;
using System.Threading.Channels;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>One connection through a proxy.</summary>
internal sealed class ProxyLink(Socket client, Socket server, Func<ProxyMode> mode, Func<TimeSpan> latency) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Ends a connection so that the other side sees a reset.</summary>
    public static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
            socket.Dispose();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    public void Reset()
    {
        Reset(client);
        Reset(server);
    }

    /// <summary>Carries data both ways until one way ends with an error or both have ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        client.NoDelay = true;
        try
        {
            var ways = new[] { CarryAsync(client, server, stop), CarryAsync(server, client, stop) };
            await await Task.WhenAny(ways);
            await Task.WhenAll(ways);
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose() => Reset();

    // Reading goes on while earlier data waits: latency must not bound the bandwidth.
    private async Task CarryAsync(Socket from, Socket to, CancellationToken stop)
    {
        var waiting = Channel.CreateBounded<(byte[] Data, DateTime Due)>(256);
        var sending = SendAsync(waiting.Reader, to, stop);
        var buffer = new byte[64 << 10];
        try
        {
            for (int read; (read = await from.ReceiveAsync(buffer, stop)) > 0;)
            {
                await waiting.Writer.WriteAsync((buffer[..read], DateTime.UtcNow + latency()), stop).AsTask().WaitAsync(stop);
            }
        }
        finally
        {
            waiting.Writer.TryComplete();
        }

        await sending;
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task SendAsync(ChannelReader<(byte[] Data, DateTime Due)> waiting, Socket to, CancellationToken stop)
    {
        try
        {
            await foreach (var (data, due) in waiting.ReadAllAsync(stop))
            {
                if (due - DateTime.UtcNow is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, stop);
                }

                while (mode() == ProxyMode.Stall)
                {
                    await Task.Delay(Look, stop);
                }

                for (var sent = 0; sent < data.Length;)
                {
                    sent += await to.SendAsync(data.AsMemory(sent), stop);
                }
            }
        }
        catch
        {
            Reset(); // the other way must not wait for ever
            throw;
        }
    }
}
