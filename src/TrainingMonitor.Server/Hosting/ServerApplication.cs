using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Http;
using TrainingMonitor.Server.Ingest;
using TrainingMonitor.Server.Pages;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Security.Limits;
using TrainingMonitor.Server.Security.Tls;
using TrainingMonitor.Server.Security.Tokens;

namespace TrainingMonitor.Server.Hosting;

/// <summary>Puts the web application together. Nothing of the surroundings (settings of other programs, ASPNETCORE_* variables) gets in.</summary>
internal static class ServerApplication
{
    public static WebApplication Build(ServerOptions options, ServerToken token, ITokenStore tokens, string folder, TimeProvider time, Action<ILoggingBuilder>? logging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "trainmon" });
        builder.Logging.SetMinimumLevel(LogLevel.Information);
        (logging ?? (log => Standard(log, options)))(builder.Logging);
        // It writes the query of each request, and with it the code of a login link.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        // What fails at the start is thrown, with a sentence: once is enough.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options));
        if (options.TlsCertificate.Length > 0)
            builder.Services.AddSingleton<ServerTls>();
        if (options.ClientIdentities.Length > 0)
            builder.Services.AddSingleton<ClientIdentities>();

        var services = builder.Services;
        services.AddSingleton(options).AddSingleton(token).AddSingleton(time).AddSingleton<LoginCodes>();
        services.AddSingleton(provider => new AuditLog(new AuditFile(folder, options.AuditBytes, options.AuditFiles), time, provider.GetRequiredService<ILogger<AuditLog>>()));
        // By a factory: what is added as an instance is not disposed with the host.
        services.AddSingleton(provider => new TokenBook(tokens, time, provider.GetRequiredService<ILogger<TokenBook>>())).AddSingleton<Credentials>();
        services.AddSingleton<MonitorServices>().AddScoped<PageQueries>();
        services.AddSingleton<CallerLimits>().AddSingleton<SessionRegistry>().AddSingleton<IngestMetrics>().AddSingleton<ClockSkewWarning>().AddSingleton<IngestService>().AddHostedService<IngestDrain>();
        services.AddSingleton<QueriesService>().AddSingleton<ServerSentEvents>().AddSingleton<MetricsEndpoint>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.DrainSeconds + 5));
        OwnTelemetry.Add(services, options);
        services.AddRouting();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxFrameBytes;
            // From the outside in: who, how many, what.
            grpc.Interceptors.Add<AuthInterceptor>();
            grpc.Interceptors.Add<QueryInterceptor>();
        });
        // Keys of pages live as long as the process: nothing on disk to protect.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddRazorComponents().AddInteractiveServerComponents();
        WithoutStoredKeys(services);

        var app = builder.Build();
        // Made here, so that its file is closed with the host however early that ends.
        app.Services.GetRequiredService<TokenBook>();
        app.UseRouting();
        // Each port speaks one protocol, so the protocol tells the port.
        app.UseWhen(context => HttpProtocol.IsHttp2(context.Request.Protocol), grpc => grpc.Use(OnlyGrpc));
        app.UseWhen(context => !HttpProtocol.IsHttp2(context.Request.Protocol), http => http.UseMiddleware<SecurityHeaders>().UseMiddleware<HostGuard>().UseMiddleware<HttpGate>());
        app.UseAntiforgery();
        app.MapGrpcService<IngestService>().WithMetadata(new Demand(TokenScopes.Ingest), GrpcPort.Instance);
        HealthEndpoints.Map(app);
        MetricsEndpoint.Map(app);
        if (Clustered.ClusterReader.Has(options, "web"))
            MapReaders(app);
        return app;
    }

    // At the start it makes keys in the user's home, which the provider above never reads, and warns of them.
    private static void WithoutStoredKeys(IServiceCollection services)
    {
        foreach (var maker in services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Namespace?.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal) == true).ToList())
            services.Remove(maker);
    }

    private static void MapReaders(WebApplication app)
    {
        app.MapGrpcService<QueriesService>().WithMetadata(new Demand(TokenScopes.Read), GrpcPort.Instance);
        ApiEndpoints.Map(app);
        AssetEndpoints.Map(app);
        LoginPage.Map(app);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode().WithMetadata(new Demand(TokenScopes.Read));
    }

    private static void Listen(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        ServerOptionsValidation.TryAddress(options.Address, out var address);
        var tls = kestrel.ApplicationServices.GetService<ServerTls>();
        kestrel.Listen(address, options.GrpcPort, port => Speak(port, HttpProtocols.Http2, tls));
        kestrel.Listen(address, options.HttpPort, port => Speak(port, HttpProtocols.Http1, tls));
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private static void Speak(ListenOptions port, HttpProtocols protocols, ServerTls? tls)
    {
        port.Protocols = protocols;
        if (tls is not null)
            port.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = tls.OnConnection });
    }

    // By the endpoint too: whoever says "application/grpc" would come to the addresses of the other port, past their gate.
    private static Task OnlyGrpc(HttpContext context, RequestDelegate next) =>
        context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true && context.GetEndpoint()?.Metadata.GetMetadata<GrpcPort>() is not null
            ? next(context)
            : Problems.WriteAsync(context, StatusCodes.Status404NotFound, "Not found", "This port speaks gRPC; pages and JSON are on the HTTP port.");

    private static void Standard(ILoggingBuilder logging, ServerOptions options)
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        logging.AddFilter("TrainingMonitor", Enum.Parse<LogLevel>(options.LogLevel, ignoreCase: true));
        if (string.Equals(options.LogFormat, "json", StringComparison.Ordinal))
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        else
            logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
