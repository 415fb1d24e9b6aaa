using Grpc.Net.Client;
using TrainingMonitor.Client.Buffering;
using TrainingMonitor.Client.Setup;
using TrainingMonitor.Client.Speaking;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Connection;

/// <summary>Keeps connecting until a backlog is delivered or refused.</summary>
/// <param name="options">Filled options.</param>
/// <param name="tokens">The token of each connection.</param>
/// <param name="speaker">Says what is wrong.</param>
/// <param name="observer">Hears of the server.</param>
/// <param name="finishing">Cancelled when the process wants to end: from then on each server is tried once.</param>
internal sealed class Deliverer(ClientOptions options, TokenSource tokens, Speaker speaker, ISessionObserver observer, CancellationToken finishing) : IDisposable
{
    private const string Unreachable = "unreachable";

    private readonly ClientTlsFiles tls = new(options.CaFile, options.ClientCertificate, options.ClientKey);

    private readonly ISessionObserver observer = observer;
    private readonly Backoff backoff = new();
    private readonly ServerList servers = new([options.Server!, .. options.OtherServers], options.RunId!);
    private Uri server = null!;
    private GrpcChannel? channel;
    private volatile bool connected;

    /// <summary>A stream is open and welcome.</summary>
    public bool IsConnected => connected;

    /// <summary>Delivers. Ends with Delivered, Refused, or Lost when the process is ending.</summary>
    /// <param name="backlog">What to deliver.</param>
    /// <param name="buffered">Words on what is kept meanwhile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SessionEnd> DeliverAsync(Backlog backlog, Func<string> buffered, CancellationToken cancellationToken)
    {
        server ??= servers.Current;
        var lostAtTheEnd = 0;
        while (true)
        {
            var wasFinishing = finishing.IsCancellationRequested;
            if (Connect() is { } unusable)
            {
                // Half of a rotation, perhaps: the files are read again after the wait.
                speaker.Once(Unreachable, $"server not reachable at {server} ({unusable.Reason}); training goes on, {buffered()}");
                if (wasFinishing)
                {
                    return unusable;
                }

                await WaitAsync(unusable, cancellationToken);
                continue;
            }

            var session = new Session(backlog, new Watcher(this), options.Time);
            var token = tokens.For(server);
            SessionEnd end;
            try
            {
                var invoker = channel!.CreateCallInvoker();
                end = await session.RunAsync(options.Witness?.Invoke(server, invoker) ?? invoker, token, cancellationToken);
            }
            finally
            {
                connected = false;
            }

            if (end.TokenRefused && tokens.MayChange(server, token))
            {
                end = end with { Outcome = Outcome.Lost };
            }

            if (end.Outcome is Outcome.Delivered or Outcome.Refused)
            {
                return end;
            }

            if (end.Outcome == Outcome.Lost)
            {
                speaker.Once(Unreachable, $"server not reachable at {server} ({Reason(end)}); training goes on, {buffered()}");

                // A server that is there and asks to wait gets the time that is left for the end.
                if (wasFinishing && !AskedToWait(end) && ++lostAtTheEnd >= servers.Count)
                {
                    return end;
                }
            }

            Redirect(end);
            Renew();
            await WaitAsync(end, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => channel?.Dispose();

    // An address that was recommended and failed is left for one the user gave. A token must not be lured onto a plain connection.
    private void Redirect(SessionEnd end)
    {
        if (end is { Outcome: Outcome.GoAway, ReconnectTo: { } recommended } && tokens.MayGoTo(recommended))
        {
            GoTo(recommended);
        }
        else
        {
            servers.Next();
            GoTo(servers.Current);
        }
    }

    private void GoTo(Uri wanted)
    {
        if (wanted != server)
        {
            channel?.Dispose();
            (channel, server) = (null, wanted);
        }
    }

    private SessionEnd? Connect()
    {
        try
        {
            channel ??= ChannelMaker.Make(server, tls);
            return null;
        }
        catch (InvalidOperationException error)
        {
            return new(Outcome.Lost, Answered: false, error.Message);
        }
    }

    // Certificates are renewed while a trainer runs for weeks: the next connection reads the files again.
    private void Renew()
    {
        if (tls != ClientTlsFiles.None)
        {
            channel?.Dispose();
            channel = null;
        }
    }

    // A server says only by ending the connection that it refuses a certificate: that is how TLS 1.3 is.
    private string Reason(SessionEnd end) => tls.Certificate is { } own && end is { Answered: false, NotConnected: false } && server.Scheme == Uri.UriSchemeHttps
        ? $"{end.Reason}; perhaps it refuses the client certificate {own}, which its log would say"
        : end.Reason;

    private static bool AskedToWait(SessionEnd end) => end is { Outcome: Outcome.Lost, Answered: true } && end.Wait > TimeSpan.Zero;

    private async Task WaitAsync(SessionEnd end, CancellationToken cancellationToken)
    {
        if (end.Answered)
        {
            backoff.Reset();
        }

        var wait = backoff.Next();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(finishing, cancellationToken);
        await Task.Delay(wait > end.Wait ? wait : end.Wait, options.Time, AskedToWait(end) ? cancellationToken : either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Welcomed(Welcome welcome)
    {
        connected = true;
        speaker.Over(Unreachable, $"connected to {server} again");
        observer.Welcomed(welcome);
    }

    /// <summary>Notes the welcome before the client hears of it.</summary>
    private sealed class Watcher(Deliverer owner) : ISessionObserver
    {
        public void Welcomed(Welcome welcome) => owner.Welcomed(welcome);

        public void Alerted(Alert alert) => owner.observer.Alerted(alert);

        public void Advised(Advice advice) => owner.observer.Advised(advice);
    }
}
