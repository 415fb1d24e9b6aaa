using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>A way to a real server on which requests meet what requests meet: a server that is slow, that says 429 or 503, that answers 500 to what it has written, that is gone before or after
/// the first half of the lines. Every fault in turn, so that each is met. On plain sockets: a connection that ends without an answer must be just that.</summary>
internal sealed class FaultyPath : IAsyncDisposable
{
    private static readonly byte[] HeadEnd = "\r\n\r\n"u8.ToArray();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly HttpClient http = new();
    private readonly Uri server;
    private readonly Task loop;
    private int turn;

    public FaultyPath(Uri server)
    {
        this.server = server;
        listener.Start();
        Url = new Uri($"http://{listener.LocalEndpoint}");
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
        listener.Stop();
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        http.Dispose();
        listener.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            // One request a connection: the next one may meet a fault.
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            if (await ReadAsync(stream) is not var (head, body))
            {
                continue;
            }

            var path = head.Split(' ')[1];
            var isWrite = path.Contains("write", StringComparison.Ordinal) && body.Length > 0;
            var fault = isWrite && IsFaulty ? (Fault)(turn++ % Met.Length) : Fault.None;
            Met[(int)fault] += isWrite ? 1 : 0;
            if (await AnswerAsync(fault, path, head, body) is { } answer)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
            }
            else
            {
                client.LingerState = new LingerOption(enable: true, 0);
            }
        }
    }

    /// <summary>The answer; null: the connection ends without one.</summary>
    private async Task<string?> AnswerAsync(Fault fault, string path, string head, byte[] body)
    {
        switch (fault)
        {
            case Fault.TooManyRequests:
                return Answer(429, "Retry-After: 1\r\n");
            case Fault.Unavailable:
                return Answer(503);
            case Fault.GoneBefore:
                return null;
            case Fault.HalfWritten:
                await SendAsync(path, head, body[..(body.AsSpan(0, body.Length / 2).LastIndexOf((byte)'\n') + 1)]);
                return null;
            case Fault.Slow:
                await Task.Delay(300);
                break;
        }

        var passed = await SendAsync(path, head, body);
        return fault switch
        {
            Fault.WrittenButRefused => Answer(500),
            Fault.GoneAfter => null,
            _ => passed,
        };
    }

    private async Task<string> SendAsync(string path, string head, byte[] body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(head.Split(' ')[0]), new Uri(server, path)) { Content = new ByteArrayContent(body) };
        if (Header(head, "Content-Type") is { } type)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var response = await http.SendAsync(request);
        return Answer((int)response.StatusCode, body: await response.Content.ReadAsStringAsync());
    }

    private static string Answer(int status, string headers = "", string body = "") =>
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");

    private static async Task<(string Head, byte[] Body)?> ReadAsync(NetworkStream stream)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (true)
        {
            var end = all.GetBuffer().AsSpan(0, (int)all.Length).IndexOf(HeadEnd);
            if (end >= 0)
            {
                var head = Encoding.ASCII.GetString(all.GetBuffer(), 0, end);
                var length = int.Parse(Header(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
                if (all.Length >= end + HeadEnd.Length + length)
                {
                    return (head, all.ToArray()[(end + HeadEnd.Length)..]);
                }
            }

            var read = await stream.ReadAsync(buffer);
            if (read == 0)
            {
                return null;
            }

            all.Write(buffer, 0, read);
        }
    }

    private static string? Header(string head, string name) =>
        head.Split("\r\n").Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim()).FirstOrDefault();
}
