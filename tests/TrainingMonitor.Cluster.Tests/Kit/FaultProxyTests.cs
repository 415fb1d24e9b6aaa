using System.Net;
using System.Net.Sockets;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>The proxy does what the faults are made of.</summary>
public sealed class FaultProxyTests
{
    [Fact]
    public async Task What_passes_comes_back_whole()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Port);
        using var client = await ConnectAsync(proxy.Port);
        var data = new byte[300_000];
        new Random(1).NextBytes(data);
        var sending = Task.Run(async () =>
        {
            for (var sent = 0; sent < data.Length;)
            {
                sent += await client.SendAsync(data.AsMemory(sent), TestContext.Current.CancellationToken);
            }
        });
        (await ReadAsync(client, data.Length)).ShouldBe(data);
        await sending;
    }

    [Fact]
    public async Task A_stalled_proxy_holds_what_comes_until_it_passes_again()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Port);
        using var client = await ConnectAsync(proxy.Port);
        proxy.Mode = _ => ProxyMode.Stall;
        await client.SendAsync(new byte[] { 7 });
        var answer = ReadAsync(client, 1);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        answer.IsCompleted.ShouldBeFalse();
        proxy.Mode = _ => ProxyMode.Pass;
        (await answer).ShouldBe([7]);
    }

    [Fact]
    public async Task A_reset_ends_what_is_open_and_a_refusal_what_comes()
    {
        await using var echo = new Echo();
        await using var proxy = new FaultProxy(echo.Port);
        using var client = await ConnectAsync(proxy.Port);
        await client.SendAsync(new byte[] { 7 });
        await ReadAsync(client, 1);
        proxy.Open.ShouldBe(1);
        proxy.Reset();
        await Should.ThrowAsync<SocketException>(() => ReadAsync(client, 1));
        proxy.Mode = _ => ProxyMode.Refuse;

        // The reset may already be there when the connection is made.
        await Should.ThrowAsync<SocketException>(async () =>
        {
            using var next = await ConnectAsync(proxy.Port);
            await ReadAsync(next, 1);
        });
    }

    [Fact]
    public async Task Targets_are_taken_in_turn_and_dead_ones_passed_over()
    {
        await using var first = new Echo();
        await using var second = new Echo();
        var dead = new Echo();
        await dead.DisposeAsync();
        await using var proxy = new FaultProxy(first.Port, dead.Port, second.Port);
        for (var i = 0; i < 6; i++)
        {
            using var client = await ConnectAsync(proxy.Port);
            await client.SendAsync(new byte[] { (byte)i });
            (await ReadAsync(client, 1)).ShouldBe([(byte)i]);
        }

        first.Taken.ShouldBe(2);
        second.Taken.ShouldBe(4, "also those of the dead one before it");
    }

    [Fact]
    public async Task The_process_at_the_other_end_is_known()
    {
        await using var echo = new Echo();
        using var client = await ConnectAsync(echo.Port);
        SocketOwner.Of(((IPEndPoint)client.LocalEndPoint!).Port, [1, Environment.ProcessId]).ShouldBe(Environment.ProcessId);
        SocketOwner.Of(1, [Environment.ProcessId]).ShouldBeNull();
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        return socket;
    }

    private static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        var data = new byte[count];
        for (var read = 0; read < count;)
        {
            var now = await socket.ReceiveAsync(data.AsMemory(read), TestContext.Current.CancellationToken);
            read += now > 0 ? now : throw new SocketException((int)SocketError.Shutdown);
        }

        return data;
    }

    /// <summary>Sends back what comes.</summary>
    private sealed class Echo : IAsyncDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly Task accepting;
        private int taken;

        public Echo()
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
            accepting = Task.Run(async () =>
            {
                while (true)
                {
                    var socket = await listener.AcceptTcpClientAsync();
                    Interlocked.Increment(ref taken);
                    var stream = socket.GetStream();
                    _ = stream.CopyToAsync(stream).ContinueWith(_ => socket.Dispose(), TaskScheduler.Default);
                }
            });
        }

        public int Port { get; }

        public int Taken => taken;

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            listener.Dispose();
        }
    }
}
