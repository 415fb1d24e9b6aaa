using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Connection;

/// <summary>Asks a server. Every method throws <see cref="CliException"/> with a sentence where the server cannot answer.</summary>
public sealed class QueryClient : IDisposable
{
    private const int MaxMessageBytes = 64 << 20;
    private readonly GrpcChannel channel;
    private readonly Uri address;
    private readonly ClientTlsFiles tls;

    /// <summary>Connects at the first call.</summary>
    public QueryClient(ServerLocation location)
    {
        (address, tls) = (location.Grpc, location.Tls);
        channel = GrpcChannel.ForAddress(location.Grpc, new GrpcChannelOptions { MaxReceiveMessageSize = MaxMessageBytes, HttpHandler = location.Handler(), DisposeHttpClient = true });
        Calls = location.Token is null
            ? channel.CreateCallInvoker()
            : channel.Intercept(headers =>
            {
                headers.Add("authorization", $"Bearer {location.Token}");
                return headers;
            });
        Queries = new Queries.QueriesClient(Calls);
    }

    /// <summary>For other services at the same server, with the same token.</summary>
    public CallInvoker Calls { get; }

    /// <summary>The plain stub.</summary>
    public Queries.QueriesClient Queries { get; }

    /// <summary>One request, one answer.</summary>
    public async Task<T> AskAsync<T>(Func<Queries.QueriesClient, AsyncUnaryCall<T>> ask)
    {
        try
        {
            using var call = ask(Queries);
            return await call.ResponseAsync;
        }
        catch (RpcException error)
        {
            throw RpcErrors.Translate(error, address, tls);
        }
    }

    /// <summary>One request, a stream of answers.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Func<Queries.QueriesClient, AsyncServerStreamingCall<T>> ask,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = ask(Queries);
        while (true)
        {
            try
            {
                if (!await call.ResponseStream.MoveNext(cancellationToken))
                {
                    yield break;
                }
            }
            catch (RpcException error)
            {
                throw RpcErrors.Translate(error, address, tls);
            }

            yield return call.ResponseStream.Current;
        }
    }

    /// <summary>The id that "last", a full id or the start of one means.</summary>
    /// <exception cref="CliException">None, or more than one run begins like this.</exception>
    public async Task<string> ResolveRunAsync(string text, CancellationToken cancellationToken)
    {
        var runs = (await AskAsync(q => q.ListRunsAsync(new ListRunsRequest { Limit = 1000 }, cancellationToken: cancellationToken))).Runs;
        if (runs.Any(run => run.RunId == text))
        {
            return text;
        }

        if (text == "last")
        {
            return runs.FirstOrDefault()?.RunId ?? throw new CliException(ExitCodes.NotFound, "The server has no runs yet: start one with 'trainmon demo'.");
        }

        var matches = runs.Where(run => run.RunId.StartsWith(text, StringComparison.Ordinal)).Select(run => run.RunId).ToArray();
        return matches switch
        {
            [var only] => only,
            [] when runs.Count < 1000 => throw new CliException(ExitCodes.NotFound, $"There is no run '{text}': list the runs with 'trainmon runs'."),
            // The list was cut: the server knows better.
            [] => text,
            _ => throw new CliException(ExitCodes.Usage, $"'{text}' may be {string.Join(" or ", matches.Take(3))}: type more of the id."),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => channel.Dispose();
}
