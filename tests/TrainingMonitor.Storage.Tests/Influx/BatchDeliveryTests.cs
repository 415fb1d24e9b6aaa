using System.Net;
using System.Text;
using FsCheck.Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Influx.Writing;

namespace TrainingMonitor.Storage.Tests.Influx;

public sealed class BatchDeliveryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly InfluxCounters counters = new();
    private int files;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true, "/api/v2/write?bucket=trainmon&org=&precision=ns")]
    [InlineData(false, "/write?db=trainmon&precision=ns")]
    public async Task The_path_is_found_out_once(bool modern, string path)
    {
        using var server = new FakeInflux(modern);
        var delivery = Delivery(server, out _);
        (await delivery.DeliverAsync(Lines(3), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        (await delivery.DeliverAsync(Lines(3), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        server.Requests.Count(request => request.RequestUri!.PathAndQuery == path).ShouldBe(modern ? 3 : 2);
        server.Requests.Count.ShouldBe(3);
        (counters.Accepted, counters.Requests).ShouldBe((6, 2));
    }

    [Fact]
    public async Task A_missing_database_is_made()
    {
        using var server = new FakeInflux(false) { DatabaseExists = false };
        (await Delivery(server, out _).DeliverAsync(Lines(3), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        server.Stored.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_compressed_body_is_the_same()
    {
        using var server = new FakeInflux(true);
        (await Delivery(server, out _, options => options with { Gzip = true }).DeliverAsync(Lines(500), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        server.Stored.Count.ShouldBe(500);
        server.Requests[^1].Content!.Headers.ContentEncoding.ShouldBe(["gzip"]);
    }

    [Theory]
    [InlineData("secret-token", "Token secret-token")]
    [InlineData("user:pass", "Basic dXNlcjpwYXNz")]
    public async Task The_token_is_in_one_header_and_in_no_text(string token, string header)
    {
        using var server = new FakeInflux(true);
        await Delivery(server, out _, options => options with { Token = token }).DeliverAsync(Lines(1), false, default);
        server.Requests.ShouldAllBe(request => request.Headers.Authorization!.ToString() == header);
        new InfluxOptions { Url = new Uri("http://h"), Token = token }.ToString().ShouldNotContain(token);
    }

    [Fact]
    public async Task What_is_too_large_is_halved_until_it_fits()
    {
        using var server = new FakeInflux(true) { MostBytes = 300 };
        var delivery = Delivery(server, out var dead);
        var giant = $"giant f=\"{new string('x', 400)}\" 1\n";
        (await delivery.DeliverAsync(Encoding.UTF8.GetBytes(giant + Encoding.UTF8.GetString(Lines(200).Span)), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        server.Stored.Count.ShouldBe(200);
        server.Stored.Values.ShouldAllBe(times => times == 1);
        Dead(dead).ShouldBe([giant.TrimEnd('\n')]);
        (counters.Accepted, counters.DeadLetters).ShouldBe((200, 1));
    }

    [Property(MaxTest = 60)]
    public void Poison_lines_and_only_they_end_among_the_dead_letters(int seed, bool modern)
    {
        var random = new Random(seed);
        using var server = new FakeInflux(modern);
        var delivery = Delivery(server, out var dead);
        var all = Encoding.UTF8.GetString(Lines(random.Next(1, 400)).Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in all.Where(_ => random.Next(60) == 0).ToList())
        {
            server.Poison.Add(line);
        }

        var (accepted, refused) = (counters.Accepted, counters.DeadLetters);
        delivery.DeliverAsync(Encoding.UTF8.GetBytes(string.Join('\n', all) + "\n"), false, default).GetAwaiter().GetResult().Outcome.ShouldBe(WriteOutcome.Accept);
        server.Stored.Keys.ShouldBe(all.Except(server.Poison), ignoreOrder: true);
        Dead(dead).ShouldBe(all.Where(server.Poison.Contains));
        (counters.Accepted - accepted, counters.DeadLetters - refused).ShouldBe((all.Length - server.Poison.Count, server.Poison.Count));
    }

    [Fact]
    public async Task A_batch_that_is_all_poison_ends_whole_among_the_dead_letters_with_a_bound_on_requests()
    {
        using var server = new FakeInflux(true) { Before = _ => FakeInflux.Answer(HttpStatusCode.UnprocessableEntity, "field type conflict") };
        (await Delivery(server, out var dead).DeliverAsync(Lines(20_000), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        Dead(dead).Length.ShouldBe(20_000);
        counters.DeadLetters.ShouldBe(20_000);
        server.Requests.Count.ShouldBeLessThan(2200);
    }

    [Fact]
    public async Task What_is_kept_in_the_middle_of_a_search_is_settled_only_when_it_comes_again()
    {
        using var server = new FakeInflux(true);
        var delivery = Delivery(server, out var dead);
        var lines = Lines(64);
        server.Poison.Add("m,t=60 f=60i 60");
        var requests = 0;
        server.Before = _ => ++requests == 5 ? FakeInflux.Answer(HttpStatusCode.ServiceUnavailable, "", TimeSpan.FromSeconds(7)) : null;
        var answer = await delivery.DeliverAsync(lines, false, default);
        (answer.Outcome, answer.RetryAfter).ShouldBe((WriteOutcome.Keep, TimeSpan.FromSeconds(7)));
        (counters.Accepted, counters.DeadLetters, counters.Kept).ShouldBe((0, 0, 1));
        File.Exists(dead).ShouldBeFalse();
        (await delivery.DeliverAsync(lines, false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        (counters.Accepted, counters.DeadLetters).ShouldBe((63, 1));
        Dead(dead).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_batch_at_which_the_server_fails_again_and_again_is_searched_when_it_is_suspect()
    {
        using var server = new FakeInflux(true);
        server.Before = body => body.Contains("m,t=7 ", StringComparison.Ordinal) ? FakeInflux.Answer(HttpStatusCode.InternalServerError, "panic") : null;
        var delivery = Delivery(server, out var dead);
        (await delivery.DeliverAsync(Lines(64), suspect: false, default)).Outcome.ShouldBe(WriteOutcome.Keep);
        (await delivery.DeliverAsync(Lines(64), suspect: true, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        Dead(dead).ShouldBe(["m,t=7 f=7i 7"]);
        server.Stored.Count.ShouldBe(63);
    }

    [Fact]
    public async Task Points_beyond_retention_are_counted_and_are_no_dead_letters()
    {
        using var server = new FakeInflux(false) { Before = _ => FakeInflux.Answer(HttpStatusCode.BadRequest, """{"error":"partial write: points beyond retention policy dropped=4"}""") };
        (await Delivery(server, out var dead).DeliverAsync(Lines(10), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        (counters.Accepted, counters.BeyondRetention, counters.DeadLetters).ShouldBe((6, 4, 0));
        File.Exists(dead).ShouldBeFalse();
    }

    [Fact]
    public async Task No_server_means_later_and_a_path_that_is_gone_is_looked_for_again()
    {
        using var server = new FakeInflux(true);
        var delivery = Delivery(server, out _);
        server.Before = _ => throw new HttpRequestException("connection refused");
        var answer = await delivery.DeliverAsync(Lines(2), false, default);
        (answer.Outcome, answer.Status).ShouldBe((WriteOutcome.Keep, 0));
        server.Before = _ => FakeInflux.Answer(HttpStatusCode.NotFound, "404 page not found");
        (await delivery.DeliverAsync(Lines(2), false, default)).Outcome.ShouldBe(WriteOutcome.Keep);
        server.Before = _ => null;
        var before = server.Requests.Count;
        (await delivery.DeliverAsync(Lines(2), false, default)).Outcome.ShouldBe(WriteOutcome.Accept);
        (server.Requests.Count - before).ShouldBe(2, "one to find the path");
    }

    private BatchDelivery Delivery(FakeInflux server, out string deadLetters, Func<InfluxOptions, InfluxOptions>? with = null)
    {
        var options = new InfluxOptions { Url = new Uri("http://influx.test:8086") };
        options = with?.Invoke(options) ?? options;
        deadLetters = folder.File($"dead{files++}.lp");
        var client = new InfluxWriteClient(InfluxHttp.Create(options, TimeProvider.System, server), options, TimeProvider.System, NullLogger.Instance);
        return new BatchDelivery(client, new DeadLetterFile(deadLetters, TimeProvider.System, NullLogger.Instance), counters);
    }

    private static ReadOnlyMemory<byte> Lines(int count) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => $"m,t={i} f={i}i {i}\n")));

    private static string[] Dead(string path) => File.Exists(path) ? [.. File.ReadAllLines(path).Where(line => line[0] != '#')] : [];
}
