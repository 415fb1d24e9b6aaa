using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Remote.Transport.DotNetty;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Hosting;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>The actor system of a node of a cluster.</summary>
internal static class ClusterHosting
{
    public static ServiceProvider Services(ClusterOptions options, ILoggerFactory loggers) => new ServiceCollection()
        .AddSingleton(loggers)
        .AddSingleton<IHostApplicationLifetime, EmbeddedLifetime>()
        .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
        .AddAkka(options.Name, builder =>
        {
            builder.ConfigureLoggers(setup =>
            {
                setup.ClearLoggers();
                setup.AddLoggerFactory(loggers);
            });
            builder.AddHocon(ClusterSettings.Of(options), HoconAddMode.Prepend).WithStrictSerialization();
            if (options.Tls is { } tls)
            {
                builder.AddHocon(ConfigurationFactory.ParseString("akka.remote.dot-netty.tcp.enable-ssl = on"), HoconAddMode.Prepend);
                builder.AddSetup(new DotNettySslSetup(tls.Certificate, suppressValidation: false, requireMutualAuthentication: true, (certificate, _, _, errors, _) => IsNode(certificate, errors, tls.Authority)));
            }
        })
        .BuildServiceProvider();

    // By the cluster's own CA and nothing else: the machine's store of well-known CAs says nothing about who is a node.
    private static bool IsNode(X509Certificate2? certificate, SslPolicyErrors errors, X509Certificate2 authority)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
