using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Http;

/// <summary>Writes a live sequence of messages as server-sent events, one JSON object each, with a comment as a sign of life.</summary>
internal sealed class ServerSentEvents(IHostApplicationLifetime lifetime, TimeProvider time)
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);

    public async Task WriteAsync<T>(HttpContext context, string name, Func<CancellationToken, IAsyncEnumerable<T>> source)
        where T : IMessage
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, Caller.Of(context).Gone);
        try
        {
            await using var items = source(end.Token).GetAsyncEnumerator(end.Token);
            var next = items.MoveNextAsync().AsTask();
            try
            {
                // A refusal comes at once, and while it is still time for a status; a quiet run does not keep the reader waiting.
                await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(200), time, end.Token));
                if (next.IsFaulted)
                    await next;
                context.Response.ContentType = "text/event-stream";
                context.Response.Headers.CacheControl = "no-store";
                await context.Response.WriteAsync(": connected\n\n", end.Token);
                await context.Response.Body.FlushAsync(end.Token);
                while (true)
                {
                    while (await Task.WhenAny(next, Task.Delay(SignOfLife, time, end.Token)) != next)
                    {
                        end.Token.ThrowIfCancellationRequested();
                        await context.Response.WriteAsync(":\n\n", end.Token);
                        await context.Response.Body.FlushAsync(end.Token);
                    }

                    if (!await next)
                        break;
                    await context.Response.WriteAsync($"event: {name}\ndata: {ProtoJson.Format(items.Current)}\n\n", end.Token);
                    await context.Response.Body.FlushAsync(end.Token);
                    next = items.MoveNextAsync().AsTask();
                }

                await context.Response.WriteAsync("event: end\ndata: {}\n\n", end.Token);
            }
            finally
            {
                // The enumerator may be disposed only when it stands still.
                await end.CancelAsync();
                await next.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (RpcException error) when (!context.Response.HasStarted)
        {
            await Problems.WriteAsync(context, error);
        }
        catch (Exception error) when (error is OperationCanceledException or RpcException or IOException)
        {
            // The reader has gone, or the server goes: either ends the stream, and a reader's EventSource comes back by itself.
        }
    }
}
