using System.Net;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>A way to a real server on which requests meet what requests meet: a server that is slow, that says 429 or 503, that answers 500 to what it has written, that is gone before or after
/// the first half of the lines. Every fault in turn, so that each is met.</summary>
internal sealed class FaultyPath : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly HttpClient http = new();
    private readonly Uri server;
    private readonly Task loop;
    private int turn;

    public FaultyPath(Uri server, int port)
    {
        this.server = server;
        Url = new Uri($"http://127.0.0.1:{port}");
        listener.Prefixes.Add($"{Url}");
        listener.Start();
        loop = Task.Run(RunAsync);
    }

    public enum Fault
    {
        None,
        Slow,
        TooManyRequests,
        Unavailable,
        WrittenButRefused,
        HalfWritten,
        GoneBefore,
        GoneAfter,
    }

    public Uri Url { get; }

    /// <summary>Whether writes meet faults.</summary>
    public bool IsFaulty { get; set; } = true;

    /// <summary>How often each was met.</summary>
    public int[] Met { get; } = new int[Enum.GetValues<Fault>().Length];

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        http.Dispose();
    }

    private async Task RunAsync()
    {
        while (listener.IsListening)
        {
            var context = await listener.GetContextAsync();
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var isWrite = context.Request.Url!.AbsolutePath.Contains("write", StringComparison.Ordinal) && body.Length > 0;
            var fault = isWrite && IsFaulty ? (Fault)(turn++ % Met.Length) : Fault.None;
            Met[(int)fault] += isWrite ? 1 : 0;
            await MeetAsync(context, body.ToArray(), fault);
        }
    }

    private async Task MeetAsync(HttpListenerContext context, byte[] body, Fault fault)
    {
        switch (fault)
        {
            case Fault.Slow:
                await Task.Delay(300);
                await PassAsync(context, body);
                break;
            case Fault.TooManyRequests:
                context.Response.Headers.Add("Retry-After", "1");
                Answer(context, HttpStatusCode.TooManyRequests);
                break;
            case Fault.Unavailable:
                Answer(context, HttpStatusCode.ServiceUnavailable);
                break;
            case Fault.WrittenButRefused:
                await SendAsync(context, body);
                Answer(context, HttpStatusCode.InternalServerError);
                break;
            case Fault.HalfWritten:
                var half = body.AsSpan(0, body.Length / 2).LastIndexOf((byte)'\n') + 1;
                await SendAsync(context, body[..half]);
                context.Response.Abort();
                break;
            case Fault.GoneBefore:
                context.Response.Abort();
                break;
            case Fault.GoneAfter:
                await SendAsync(context, body);
                context.Response.Abort();
                break;
            default:
                await PassAsync(context, body);
                break;
        }
    }

    private async Task PassAsync(HttpListenerContext context, byte[] body)
    {
        using var response = await SendAsync(context, body);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Where(header => header.Key.StartsWith("X-", StringComparison.Ordinal)))
        {
            context.Response.Headers.Add(name, values.First());
        }

        await context.Response.OutputStream.WriteAsync(await response.Content.ReadAsByteArrayAsync());
        context.Response.Close();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpListenerContext context, byte[] body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri(server, context.Request.RawUrl));
        request.Content = new ByteArrayContent(body);
        if (context.Request.ContentType is { } type)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return await http.SendAsync(request);
    }

    private static void Answer(HttpListenerContext context, HttpStatusCode status)
    {
        context.Response.StatusCode = (int)status;
        context.Response.Close();
    }
}
