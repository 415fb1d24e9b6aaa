using Grpc.Net.Client;

namespace TrainingMonitor.Client.Connection;

/// <summary>Makes channels: HTTP/2, without TLS for http addresses, with pings that notice a dead server.</summary>
internal static class ChannelMaker
{
    /// <summary>A channel that has not connected yet.</summary>
    public static GrpcChannel Make(Uri server, ClientTlsFiles tls) => GrpcChannel.ForAddress(server, new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),

            SslOptions = tls.Read(),

            // A proxy of the environment is for the web; the monitor is beside the trainer.
            UseProxy = false,
        },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = 4 << 20,
    });
}
