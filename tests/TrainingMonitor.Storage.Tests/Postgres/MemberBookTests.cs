using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Storage.Tests.Postgres;

public sealed class MemberBookTests(PostgresServerFixture fixture) : PostgresTests(fixture)
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Nodes_are_listed_in_the_order_they_were_entered_until_they_are_silent_or_gone()
    {
        var book = (await OpenAsync()).Members;
        var (a, b) = (Node("a", joined: true), Node("b", joined: false));
        await book.BeatAsync(b, None);
        await book.BeatAsync(a, None);
        await book.BeatAsync(b with { Joined = true }, None);
        (await book.LiveAsync(Long, None)).ShouldBe([b with { Joined = true }, a]);

        await book.RemoveAsync("b:1", Guid.NewGuid(), None);
        (await book.LiveAsync(Long, None)).Count.ShouldBe(2);
        await book.RemoveAsync("b:1", b.Start, None);
        (await book.LiveAsync(Long, None)).ShouldBe([a]);
        await Task.Delay(Short * 2);
        (await book.LiveAsync(Short, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_starts_again_replaces_its_entry_and_goes_to_the_end()
    {
        var book = (await OpenAsync()).Members;
        var (a, b) = (Node("a", joined: true), Node("b", joined: true));
        await book.BeatAsync(a, None);
        await book.BeatAsync(b, None);
        var again = Node("a", joined: false);
        await book.BeatAsync(again, None);
        (await book.LiveAsync(Long, None)).ShouldBe([b, again]);
    }

    [Fact]
    public async Task Of_ten_that_ask_at_once_exactly_one_may_form_a_cluster()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => OpenAsync()));
        var nodes = Enumerable.Range(0, 10).Select(i => Node($"n{i}", joined: false)).ToArray();
        var answers = await Task.WhenAll(nodes.Select((node, i) => stores[i].Members.MayFormAsync(node, Long, None)));
        answers.Count(allowed => allowed).ShouldBe(1);
        (await Task.WhenAll(nodes.Select((node, i) => stores[i].Members.MayFormAsync(node, Long, None)))).ShouldBe(answers);
    }

    [Fact]
    public async Task Nobody_forms_a_cluster_while_a_member_lives()
    {
        var book = (await OpenAsync()).Members;
        await book.BeatAsync(Node("a", joined: true), None);
        (await book.MayFormAsync(Node("b", joined: false), Long, None)).ShouldBeFalse();
        await Task.Delay(Short * 2);
        (await book.MayFormAsync(Node("b", joined: false), Short, None)).ShouldBeTrue();
        (await book.MayFormAsync(Node("c", joined: false), Long, None)).ShouldBeFalse();
        await Task.Delay(Short * 2);
        (await book.MayFormAsync(Node("c", joined: false), Short, None)).ShouldBeTrue();
    }

    private static MemberEntry Node(string name, bool joined) => new($"{name}:1", Guid.NewGuid(), $"http://{name}:4650", joined);
}
