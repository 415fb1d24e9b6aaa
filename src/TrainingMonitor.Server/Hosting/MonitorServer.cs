using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Tokens;

namespace TrainingMonitor.Server.Hosting;

/// <summary>The server in this process: embedded, or one node of a cluster.</summary>
public sealed class MonitorServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DataFolder folder;
    private readonly ILogger log;
    private readonly IHostApplicationLifetime lifetime;
    private readonly LoginCodes codes;
    private readonly ServerToken ownToken;
    // Null: the node did not start.
    private readonly TaskCompletionSource<INode?> node = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MonitorServer(WebApplication app, DataFolder folder, ServerOptionsReport report)
    {
        this.app = app;
        this.folder = folder;
        Report = report;
        lifetime = app.Lifetime;
        codes = app.Services.GetRequiredService<LoginCodes>();
        ownToken = app.Services.GetRequiredService<ServerToken>();
        log = app.Services.GetRequiredService<ILogger<MonitorServer>>();
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(a => new Uri(a)).ToList();
        (GrpcAddress, HttpAddress) = (addresses[0], addresses[1]);
        DataPath = folder.Path;
    }

    /// <summary>Effective options.</summary>
    public ServerOptions Options => Report.Options;

    /// <summary>Effective options and where each came from; secrets masked.</summary>
    public ServerOptionsReport Report { get; }

    /// <summary>Full path of the data folder.</summary>
    public string DataPath { get; }

    /// <summary>gRPC address it listens on, with the real port.</summary>
    public Uri GrpcAddress { get; }

    /// <summary>HTTP address it listens on, with the real port.</summary>
    public Uri HttpAddress { get; }

    /// <summary>Address of the pages as others write it.</summary>
    public Uri PagesAddress => Options.PublicUrl.Length > 0 ? new Uri(Options.PublicUrl) : HttpAddress;

    /// <summary>What is unsafe about where it listens, in words; empty: nothing.</summary>
    public string Unsafe => Exposure.Of(Options);

    /// <summary>Why the server ended by itself; empty: it has not.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>Completes when the server has stopped (a signal, or <see cref="DisposeAsync"/>).</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts and returns when both ports accept and the runs are recovered. What the options leave at their defaults may come from
    /// the settings file and the environment.</summary>
    /// <param name="options">Options.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="InvalidOperationException">Unsafe or impossible options, a data folder or port in use; the message says what to do.</exception>
    public static Task<MonitorServer> StartAsync(ServerOptions options, CancellationToken cancellationToken) =>
        StartAsync(ServerOptionsReport.From(options), null, TimeProvider.System, cancellationToken);

    /// <summary>Starts with resolved options.</summary>
    /// <param name="report">Effective options.</param>
    /// <param name="logging">Where the log goes; null: warnings to standard error.</param>
    /// <param name="time">The clock of everything that the server decides and stamps.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="InvalidOperationException">As above.</exception>
    public static Task<MonitorServer> StartAsync(ServerOptionsReport report, Action<ILoggingBuilder>? logging, TimeProvider time, CancellationToken cancellationToken) =>
        StartAsync(report, logging, time, report.Options.Cluster ? Clustered.ClusteredNode.StartAsync : EmbeddedNode.StartAsync, cancellationToken);

    internal static async Task<MonitorServer> StartAsync(
        ServerOptionsReport report, Action<ILoggingBuilder>? logging, TimeProvider time, Func<NodeContext, CancellationToken, Task<INode>> start, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        cancellationToken.ThrowIfCancellationRequested();
        var options = report.Options;
        var data = DataFolder.Open(options.DataFolder);
        MonitorServer? server = null;
        try
        {
            var token = options.NoAuth ? ServerToken.None() : ServerToken.Of(options.Token ?? data.Token());
            var web = ServerApplication.Build(options, token, await TokensAsync(options, data.Path, time, cancellationToken), data.Path, time, logging);
            await ListenAsync(web, options, cancellationToken);
            server = new MonitorServer(web, data, report);
            server.Completion = server.RunAsync();
            var context = new NodeContext(data.Path, options, ReachableAddress.Of(server.PagesAddress), time, web.Services.GetRequiredService<ILoggerFactory>());
            var services = web.Services.GetRequiredService<MonitorServices>();
            // A signal ends a long recovery as well.
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, web.Lifetime.ApplicationStopping);
            var started = await start(context, stop.Token);
            services.Set(started);
            server.node.SetResult(started);
            _ = server.WatchAsync(started);
            server.SayStarted();
            return server;
        }
        catch (Exception error)
        {
            if (server is not null)
            {
                server.node.TrySetResult(null);
                await server.DisposeAsync();
            }

            data.Dispose();
            if (error is DbException && options.Cluster)
            {
                // It answered at first and then no more: as if it had not answered.
                throw new InvalidOperationException($"PostgreSQL does not answer: {error.Message}", error);
            }

            throw;
        }
    }

    /// <summary>The node; null: it did not start.</summary>
    internal Task<INode?> Node => node.Task;

    /// <summary>Every endpoint of both ports.</summary>
    internal IReadOnlyList<Microsoft.AspNetCore.Http.Endpoint> Endpoints =>
        [.. ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)];

    /// <summary>A new link that logs a browser in, once: "http://127.0.0.1:4651/login?token=…". Without a token to ask for: the pages' address.</summary>
    public Uri CreateLoginLink() =>
        Options.NoAuth ? PagesAddress : new Uri(PagesAddress, "/login?token=" + codes.Create(ownToken.Cookie));

    /// <summary>GoAway to trainers, drain, snapshot, stop.</summary>
    public async ValueTask DisposeAsync()
    {
        lifetime.StopApplication();
        await Completion;
    }

    private static async Task<ITokenStore> TokensAsync(ServerOptions options, string folder, TimeProvider time, CancellationToken cancellationToken) =>
        Clustered.ClusterReader.Read(options, []) is { } cluster
            ? await PostgresTokenStore.OpenAsync(cluster.Postgres, time, cancellationToken)
            : TokenStore.Open(Path.Combine(folder, "tokens.db"));

    private static async Task ListenAsync(WebApplication app, ServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException error)
        {
            await app.DisposeAsync();
            throw new InvalidOperationException(
                $"Cannot listen on {options.Address}, ports {options.GrpcPort} (gRPC) and {options.HttpPort} (HTTP): {error.Message} Is another server running? Choose other ports (0: any free one).", error);
        }
    }

    // Runs to the end whoever ends it: a signal, the caller, or a start that fails halfway.
    private async Task RunAsync()
    {
        try
        {
            await app.WaitForShutdownAsync();
        }
        finally
        {
            if (await node.Task is { } started)
                await started.DisposeAsync();
            log.Stopped();
            Audit("server.stop", "", "");
            await app.DisposeAsync();
            folder.Dispose();
        }
    }

    private async Task WatchAsync(INode started)
    {
        Failure = await started.Lost;
        log.Lost(Failure);
        lifetime.StopApplication();
    }

    private void Audit(string what, string target, string detail) =>
        app.Services.GetRequiredService<AuditLog>().Write(new AuditEntry(Environment.UserName, "process", "", what, target, "ok", detail));

    private void SayStarted()
    {
        log.Options(Report);
        log.Listening(GrpcAddress, HttpAddress, DataPath);
        Audit("server.start", $"{GrpcAddress} {HttpAddress}", Unsafe.Length > 0 ? "unsafe: " + Unsafe : "");
        if (Exposure.Of(Options) is { Length: > 0 } exposure)
            log.Exposed(Options.Address, exposure);
        else if (Options.NoAuth)
            log.NoAuth(Options.Address);
    }
}
