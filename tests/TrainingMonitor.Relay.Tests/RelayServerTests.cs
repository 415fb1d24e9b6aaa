using System.Collections.Concurrent;
using System.Net.Sockets;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Relay.Frames;
using TrainingMonitor.Relay.Sockets;

namespace TrainingMonitor.Relay.Tests;

/// <summary>A relay on a real socket, with no server behind it; with a real one it is tested by the Python client's tests.</summary>
public sealed class RelayServerTests : IAsyncDisposable
{
    private const string Hello = """{"type":"hello","relay_version":1,"secret":"word","hello":{"protocol_version":1,"run_id":"r","project":"p","run_name":"r","client_start_id":"abc","world_size":1,"client":"test/1","process_id":7}}""";

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly string folder = SocketFolder.Make(Path.GetTempPath());
    private readonly Voice voice = new();
    private readonly RelayServer server;

    public RelayServerTests() => server = RelayServer.Start(
        new RelayOptions(SocketFolder.Socket(folder), new RelayTicket("word", User(), once: true), new Uri("http://127.0.0.1:1"), null)
        {
            Patience = TimeSpan.FromSeconds(0.5),
            SpillFolder = Path.Combine(folder, "spill"),
        },
        voice);

    [Fact]
    public async Task A_client_is_welcome_at_once_and_its_goodbye_is_taken_at_once()
    {
        using var client = await ConnectAsync();
        (await client.SayAsync(Hello))!.Type.ShouldBe("welcome");
        (await client.SayAsync("""{"type":"goodbye","goodbye":{"reason":"FINISHED","steps_thinned":2}}"""))!.Type.ShouldBe("delivered");
        await voice.Ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);
        voice.Said.ShouldBe(["connected r 7", "ended r True"]);
    }

    [Fact]
    public async Task One_that_breaks_off_ends_without_a_goodbye()
    {
        using (var client = await ConnectAsync())
        {
            (await client.SayAsync(Hello))!.Type.ShouldBe("welcome");
        }

        await voice.Ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Stop);
        voice.Said.ShouldBe(["connected r 7", "ended r False"]);
    }

    [Theory]
    [InlineData("""{"type":"hello","relay_version":1,"secret":"guess","hello":{}}""", "the secret is wrong")]
    [InlineData("""{"type":"hello","relay_version":2,"secret":"word","hello":{}}""", "speaks version 1")]
    [InlineData("""{"type":"step","report":{}}""", "'hello' is wanted")]
    [InlineData("""{"type":"hello","relay_version":1,"secret":"word","hello":{"run_id":"a/b","project":"p","client_start_id":"abc"}}""", "run_id")]
    [InlineData("""{"type":"hello","relay_version":1,"secret":"word","hello":7}""", "'hello'")]
    public async Task Others_are_told_why_not_and_closed(string first, string reason)
    {
        using var client = await ConnectAsync();
        var answer = await client.SayAsync(first);
        answer!.Type.ShouldBe("off");
        answer.Header.GetProperty("reason").GetString()!.ShouldContain(reason);
        (await client.ReadAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_secret_that_is_valid_once_is_refused_the_second_time_and_the_first_goes_on()
    {
        using var first = await ConnectAsync();
        (await first.SayAsync(Hello))!.Type.ShouldBe("welcome");
        using var second = await ConnectAsync();
        (await second.SayAsync(Hello))!.Header.GetProperty("reason").GetString()!.ShouldContain("used before");
        server.Detach();
        (await first.ReadAsync())!.Type.ShouldBe("detach");
    }

    [Fact]
    public async Task Nonsense_in_the_middle_ends_that_connection_with_the_reason()
    {
        using var client = await ConnectAsync();
        (await client.SayAsync(Hello))!.Type.ShouldBe("welcome");
        var answer = await client.SayAsync("""{"type":"step","report":{"step":-4}}""");
        answer!.Type.ShouldBe("off");
        answer.Header.GetProperty("reason").GetString()!.ShouldContain("StepReport");
    }

    [Fact]
    public void Nobody_else_can_look_into_the_folder()
    {
        if (OperatingSystem.IsLinux())
        {
            File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static uint User() => uint.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[2], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<Client> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketFolder.Socket(folder)), Stop);
        return new(socket);
    }

    private sealed class Client(Socket socket) : IDisposable
    {
        private readonly NetworkStream stream = new(socket, ownsSocket: true);

        public async Task<RelayFrame?> SayAsync(string header)
        {
            await stream.WriteAsync(FrameStreamTests.Frame(header, []), Stop);
            return await ReadAsync();
        }

        public async Task<RelayFrame?> ReadAsync() => await new FrameStream(stream).ReadAsync(Stop).WaitAsync(TimeSpan.FromSeconds(20), Stop);

        public void Dispose() => stream.Dispose();
    }

    private sealed class Voice : IRelayObserver
    {
        public ConcurrentQueue<string> Said { get; } = new();

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Connected(Hello hello) => Said.Enqueue($"connected {hello.RunId} {hello.ProcessId}");

        public void Welcomed(Hello hello, Welcome welcome) => Said.Enqueue("welcomed");

        public void Stepped(Hello hello, ulong step) => Said.Enqueue($"step {step}");

        public void Alerted(Hello hello, Alert alert) => Said.Enqueue("alert");

        void IRelayObserver.Ended(Hello hello, bool goodbye)
        {
            Said.Enqueue($"ended {hello.RunId} {goodbye}");
            Ended.TrySetResult();
        }

        public void TurnedAway(string reason) => Said.Enqueue("turned away");
    }
}
