using System.Net.Http.Headers;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace TrainingMonitor.Storage.Influx;

/// <summary>The HTTP client of an InfluxDB: one authorization header for reads and writes, a limit on every request, and one immediate retry of a connection
/// that broke before an answer came (a server that was restarted leaves dead ones in the pool). All other retries are the sender's, who knows what it may repeat.</summary>
internal static class InfluxHttp
{
    public static HttpClient Create(InfluxOptions options, TimeProvider time, HttpMessageHandler? transport = null)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>(error => error.StatusCode is null),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.Zero,
            })
            .AddTimeout(TimeSpan.FromSeconds(options.TimeoutSeconds))
            .Build();
        var client = new HttpClient(new ResilienceHandler(pipeline) { InnerHandler = transport ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) } })
        {
            BaseAddress = new Uri(options.Url!.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Token.Length > 0)
        {
            client.DefaultRequestHeaders.Authorization = Authorization(options.Token);
        }

        return client;
    }

    // Every version takes "Token"; 1.x before 1.8 knows user and password as Basic only, which later 1.x and 2.x take as well.
    private static AuthenticationHeaderValue Authorization(string token) => token.Contains(':', StringComparison.Ordinal)
        ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(token)))
        : new AuthenticationHeaderValue("Token", token);
}
