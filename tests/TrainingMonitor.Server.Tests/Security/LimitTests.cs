using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Grpc.Core;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Limits;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Security;

/// <summary>Limits of one token: others are not touched, and nothing that was acked is lost.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_client_above_its_reports_waits_and_loses_nothing()
    {
        const int Steps = 120;
        await using var server = await ServerUnderTest.StartRealAsync(o => o with { ReportsPerSecond = 30 });
        using var spill = new TemporaryFolder();
        var said = new ConcurrentQueue<string>();
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        using (var client = TrainingMonitorClient.Start(new ClientOptions
        {
            Server = server.Server.GrpcAddress, Token = server.Token, RunId = "fast", Project = "tests", Rank = 0, WorldSize = 1, Enabled = true, SpillFolder = spill.Path,
            BatchBytes = 1024, BatchDelay = TimeSpan.FromMilliseconds(1), ExitTimeout = TimeSpan.FromSeconds(60), Say = said.Enqueue,
        }))
        {
            for (var step = 0; step < Steps; step++)
                client.Report(new StepReport { Step = (ulong)step, BatchSize = 1, UnitCount = 1, UnitSize = 1, Values = new StepValues { Loss = 1.0 / (step + 1), LearningRate = 0.1 } });
            client.Finish(Goodbye.Types.Reason.Finished);
            client.StepsThinned.ShouldBe(0);
        }

        // 60 at once, then 30 a second.
        System.Diagnostics.Stopwatch.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        said.ShouldContain(s => s.Contains("ReportsPerSecond", StringComparison.Ordinal));
        await Eventually.Async(async () => JsonDocument.Parse((await Tokens.AskAsync(server, server.Token, "/api/v1/runs/fast/series?names=loss")).Body).RootElement is var answer
            && answer.TryGetProperty("series", out var series) && series[0].GetProperty("x").GetArrayLength() == Steps);
        var run = JsonDocument.Parse((await Tokens.AskAsync(server, server.Token, "/api/v1/runs/fast")).Body).RootElement;
        run.GetProperty("summary").GetProperty("state").GetString().ShouldBe("RUN_STATE_FINISHED");
    }

    [Fact]
    public void What_it_costs_a_frame_is_told()
    {
        using var limits = new CallerLimits(new ServerOptions { ReportsPerSecond = 100_000_000 });
        for (var i = 0; i < 10_000; i++)
            limits.TakeReports(Caller.Owner, 1);
        var (start, before) = (System.Diagnostics.Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        for (var i = 0; i < 200_000; i++)
            limits.TakeReports(Caller.Owner, 1);
        var nanoseconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalNanoseconds / 200_000;
        TestContext.Current.TestOutputHelper!.WriteLine($"{nanoseconds:0} ns and {(GC.GetAllocatedBytesForCurrentThread() - before) / 200_000.0:0.0} bytes a frame");
        nanoseconds.ShouldBeLessThan(10_000);
    }

    [Fact]
    public async Task The_bucket_is_each_tokens_own_and_the_refusal_says_how_long_to_wait()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { ReportsPerSecond = 5 });
        server.Node.Gateway.Credits = 1000;
        var (first, second) = (await Tokens.CreateAsync(server, "first", "ingest"), await Tokens.CreateAsync(server, "second", "ingest"));
        using var trainer = new Trainer(server, first);
        await trainer.OpenAsync();
        try
        {
            for (var i = 1; i <= 40; i++)
                await trainer.SendAsync(Trainer.Scalars((ulong)i));
        }
        catch (Exception write) when (write is RpcException or InvalidOperationException)
        {
            // The stream ended under it; why is what the reader is told.
        }

        var (error, _) = await trainer.ReadErrorAsync();
        error.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        error.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>().RetryDelay.ToTimeSpan().ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        var taken = server.Node.Gateway.Streams.Single().Posted.Count;
        taken.ShouldBeInRange(10, 20);
        using var other = new Trainer(server, second);
        await other.OpenAsync(Trainer.Hello("run-2"));
        await other.SendAsync(Trainer.Scalars(1));
        (await other.ReadAckAsync(1)).Received.ShouldBe(1UL);
    }

    // A busy machine may take so long for one question that the next is allowed.
    private static async Task<RpcException> UntilRefusedAsync(ServerUnderTest server)
    {
        var client = new Protocol.V1.Queries.QueriesClient(server.Channel);
        for (var i = 0; i < 100; i++)
        {
            try
            {
                await client.ListRunsAsync(new ListRunsRequest(), server.Call());
            }
            catch (RpcException error)
            {
                return error;
            }
        }

        throw new ShouldAssertException("a hundred questions in a row were answered");
    }

    [Fact]
    public async Task Queries_are_answered_by_429_and_when_to_come_back()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { QueriesPerSecond = 3 });
        var other = await Tokens.CreateAsync(server, "other", "read");
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 20 && refused is null; i++)
        {
            var answer = await server.Http.GetAsync("/api/v1/runs", TestContext.Current.CancellationToken);
            refused = answer.StatusCode == HttpStatusCode.TooManyRequests ? answer : null;
        }

        refused.ShouldNotBeNull();
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        (await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("QueriesPerSecond");
        (await UntilRefusedAsync(server)).StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        (await Tokens.AskAsync(server, other, "/api/v1/runs")).Status.ShouldBe(200);
        (await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).ShouldContain("trainmon_limited_total 2");
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        (await Tokens.AskAsync(server, server.Token, "/api/v1/runs")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Streams_and_runs_of_a_token_are_counted_and_free_again()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { StreamsPerToken = 3, RunsPerToken = 2 });
        var token = await Tokens.CreateAsync(server, "one", "ingest");
        using var a = new Trainer(server, token);
        await a.OpenAsync(Trainer.Hello("a"));
        using var b = new Trainer(server, token);
        await b.OpenAsync(Trainer.Hello("b"));
        await RefusedAsync("c", "RunsPerToken");
        using (var second = new Trainer(server, token))
        {
            await second.OpenAsync(Rank("a", 1));
            await RefusedAsync("a", "StreamsPerToken", 2);
            using var other = new Trainer(server);
            await other.OpenAsync(Trainer.Hello("c"));
        }

        await Eventually.Async(async () =>
        {
            using var again = new Trainer(server, token);
            await again.SendAsync(Trainer.Frame(Rank("a", 2)));
            try
            {
                return (await again.ReadAsync())?.Welcome is not null;
            }
            catch (RpcException)
            {
                return false;
            }
        });

        async Task RefusedAsync(string run, string limit, uint rank = 0)
        {
            using var trainer = new Trainer(server, token);
            await trainer.SendAsync(Trainer.Frame(Rank(run, rank)));
            var (error, _) = await trainer.ReadErrorAsync();
            (error.StatusCode, error.Status.Detail.Contains(limit, StringComparison.Ordinal)).ShouldBe((StatusCode.ResourceExhausted, true), error.Status.Detail);
            error.GetRpcStatus()!.GetDetail<Google.Rpc.RetryInfo>().ShouldNotBeNull();
        }

        static Hello Rank(string run, uint rank)
        {
            var hello = Trainer.Hello(run);
            (hello.Rank, hello.WorldSize) = (rank, 4);
            return hello;
        }
    }
}
