using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>A server with a fake node on free ports, with clients that know its token.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable, ILoggerProvider
{
    private readonly TemporaryFolder folder = new();
    private GrpcChannel? channel;

    /// <summary>Real stores and actors in place of the fake node.</summary>
    public bool Real { get; init; }

    public FakeNode Node { get; init; } = new();

    public MonitorServer Server { get; private set; } = null!;

    public string Token { get; set; } = "";

    public ConcurrentQueue<string> Log { get; } = new();

    public HttpClient Http { get; private set; } = null!;

    public GrpcChannel Channel => channel ??= GrpcChannel.ForAddress(Server.GrpcAddress, new GrpcChannelOptions { MaxSendMessageSize = null });

    public string Data => System.IO.Path.Combine(folder.Path, "data");

    public static Task<ServerUnderTest> StartAsync(Func<ServerOptions, ServerOptions>? options = null, string? token = null) => new ServerUnderTest { Token = token ?? "" }.BeginAsync(options);

    /// <summary>With real stores and actors in place of the fake node.</summary>
    public static Task<ServerUnderTest> StartRealAsync(Func<ServerOptions, ServerOptions>? options = null) => new ServerUnderTest { Real = true }.BeginAsync(options);

    /// <summary>Once more, on the same folder and other ports.</summary>
    public Task RestartRealAsync()
    {
        channel?.Dispose();
        channel = null;
        Http.Dispose();
        return BeginAsync();
    }

    public async Task<ServerUnderTest> BeginAsync(Func<ServerOptions, ServerOptions>? options = null)
    {
        var said = new ServerOptions { DataFolder = Data, GrpcPort = 0, HttpPort = 0, DrainSeconds = 2 };
        said = options is null ? said : options(said);
        Server = await MonitorServer.StartAsync(ServerOptionsReport.From(said), logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(this), TimeProvider.System, Real ? EmbeddedNode.StartAsync : Node.StartAsync, TestContext.Current.CancellationToken);
        if (Token.Length == 0 && !said.NoAuth)
            Token = File.ReadAllText(System.IO.Path.Combine(Data, "token")).Trim();
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null } }) { BaseAddress = Server.HttpAddress };
        if (Token.Length > 0)
            Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return this;
    }

    public Grpc.Core.CallOptions Call(string? token = null) =>
        new(headers: token is "" ? [] : [new("authorization", "Bearer " + (token ?? Token))], deadline: DateTime.UtcNow.AddSeconds(30), cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        channel?.Dispose();
        Http?.Dispose();
        if (Server is not null)
            await Server.DisposeAsync();
        folder.Dispose();
    }

    public ILogger CreateLogger(string categoryName) => new Sink(Log);

    public void Dispose()
    {
    }

    private sealed class Sink(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");
    }
}
