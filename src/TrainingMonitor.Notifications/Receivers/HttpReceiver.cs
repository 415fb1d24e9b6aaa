using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using TrainingMonitor.Notifications.Delivery;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>Posts JSON and classifies the answer. A connection that broke before an answer came is tried again at once (a receiver that was restarted leaves dead
/// ones in the pool); all other retries are the queue's, which outlives this process. Redirects are not followed: they would carry secrets elsewhere.</summary>
internal sealed class HttpReceiver : IDisposable
{
    private const int LongestMessage = 200;
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(10);
    // Nothing here is put into HTML, and people read it in logs of their receivers.
    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly HttpClient http;
    private readonly Uri address;
    private readonly string secret;
    private readonly TimeProvider time;

    /// <summary>Connects at the first call.</summary>
    /// <param name="address">Where to post.</param>
    /// <param name="token">Bearer token; empty: none.</param>
    /// <param name="secret">What must not appear in a message; empty: nothing.</param>
    /// <param name="timeout">Limit of one attempt.</param>
    /// <param name="time">Clock.</param>
    public HttpReceiver(Uri address, string token, string secret, TimeSpan timeout, TimeProvider time)
    {
        (this.address, this.secret, this.time) = (address, secret, time);
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddTimeout(timeout)
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = new PredicateBuilder<HttpResponseMessage>().Handle<HttpRequestException>(error => error.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.Unknown),
                MaxRetryAttempts = 1,
                Delay = TimeSpan.Zero,
            })
            .Build();
        var transport = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        http = new HttpClient(new ResilienceHandler(pipeline) { InnerHandler = transport }) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("trainmon", "1"));
        if (token.Length > 0)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>One post.</summary>
    public async Task<DeliveryResult> PostAsync(JsonNode body, string idempotency, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(body.ToJsonString(Writing), Encoding.UTF8, "application/json") };
            if (idempotency.Length > 0)
            {
                request.Headers.Add("Idempotency-Key", idempotency);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            if (status is >= 200 and < 300)
            {
                return new DeliveryResult(DeliveryOutcome.Delivered);
            }

            return new DeliveryResult(Outcome(status), $"{status} {Clean(await StartAsync(response, cancellationToken))}".Trim(), RetryAfter(response.Headers.RetryAfter));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or TimeoutRejectedException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new DeliveryResult(DeliveryOutcome.Later, Clean(error is TimeoutRejectedException ? "no answer in time" : error.Message));
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary>Statuses that say that the body is wrong end the matter; those that say that the address or the credentials are wrong do not: somebody will mend them.</summary>
    private static DeliveryOutcome Outcome(int status) =>
        status is >= 400 and < 500 and not (401 or 403 or 404 or 405 or 407 or 408 or 425 or 429) ? DeliveryOutcome.Refused : DeliveryOutcome.Later;

    // An answer may be endless: only its start is read, by the same limit of time as the rest.
    private static async Task<string> StartAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            await using var stream = await response.Content.ReadAsStreamAsync(limit.Token);
            var start = new byte[LongestMessage];
            return Encoding.UTF8.GetString(start.AsSpan(0, await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, limit.Token)));
        }
        catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return "";
        }
    }

    private string Clean(string text)
    {
        text = secret.Length > 0 ? text.Replace(secret, "***", StringComparison.Ordinal) : text;
        return string.Concat(text.ReplaceLineEndings(" ").Where(c => !char.IsControl(c)));
    }

    private TimeSpan RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? (header?.Date - time.GetUtcNow()) ?? TimeSpan.Zero;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestRetryAfter ? LongestRetryAfter : wait;
    }
}
