using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Tokens;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Tests.Postgres;

[assembly: AssemblyFixture(typeof(PostgresServerFixture))]

namespace TrainingMonitor.Server.Tests.Security;

/// <summary>Tokens that the nodes of a cluster share.</summary>
public sealed class SharedTokenTests(PostgresServerFixture fixture) : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FakeTimeProvider time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private string connection = "";
    private TokenBook one = null!;
    private TokenBook two = null!;

    public async ValueTask InitializeAsync()
    {
        connection = await (await fixture.GetAsync()).NewDatabaseAsync();
        (one, two) = (await OpenAsync(), await OpenAsync());
    }

    public ValueTask DisposeAsync()
    {
        one.Dispose();
        two.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_token_made_at_one_node_counts_at_all_and_is_gone_from_all_when_it_is_revoked()
    {
        var (entry, token) = one.Create("ci", TokenScopes.Read, ["mnist"], time.GetUtcNow().AddHours(1));
        two.Find(token).ShouldBeNull();
        time.Advance(Second);
        var caller = two.Find(token).ShouldNotBeNull();
        (caller.Name, caller.Scopes).ShouldBe((entry.Name, TokenScopes.Read));
        two.Entries.Single().Projects.ShouldBe(["mnist"]);
        two.Entries.Single().Expires.ShouldBe(entry.Expires);

        one.Revoke("ci").ShouldBeTrue();
        time.Advance(Second);
        two.Find(token).ShouldBeNull();
        caller.Gone.IsCancellationRequested.ShouldBeTrue();
        two.Revoke("ci").ShouldBeFalse();
        (await OpenAsync()).Entries.ShouldBeEmpty();
    }

    [Fact]
    public void A_name_is_taken_at_all_nodes_at_once_and_free_when_it_is_revoked_at_another()
    {
        var (_, old) = one.Create("ci", TokenScopes.Read, null, null);
        Should.Throw<RpcException>(() => two.Create("ci", TokenScopes.Read, null, null)).StatusCode.ShouldBe(StatusCode.AlreadyExists);
        two.Revoke("ci").ShouldBeTrue();
        var (_, young) = one.Create("ci", TokenScopes.Read, null, null);
        one.Find(old).ShouldBeNull();
        one.Find(young).ShouldNotBeNull();
        time.Advance(Second);
        two.Find(old).ShouldBeNull();
        two.Find(young).ShouldNotBeNull();
    }

    [Fact]
    public async Task While_the_database_is_away_the_tokens_known_last_hold_and_none_is_made()
    {
        await using var server = await PostgresServer.StartAsync();
        using var book = await OpenAsync(server.ConnectionString());
        var (_, token) = book.Create("ci", TokenScopes.Read, null, null);
        await server.KillAsync();
        time.Advance(Second);
        book.Find(token).ShouldNotBeNull();
        Should.Throw<RpcException>(() => book.Create("other", TokenScopes.Read, null, null)).StatusCode.ShouldBe(StatusCode.Unavailable);
        await server.RunAsync();
        await PostgresServer.ExecuteAsync(server.ConnectionString(), "DELETE FROM trainmon.token");
        for (var i = 0; i < 5 && book.Find(token) is not null; i++)
        {
            // Connections that died with the server are found out one by one.
            time.Advance(Second);
        }

        book.Find(token).ShouldBeNull();
    }

    [Fact]
    public async Task Only_hashes_are_kept()
    {
        var (_, token) = one.Create("ci", TokenScopes.Read, null, null);
        (await PostgresServer.ScalarAsync<string>(connection, "SELECT string_agg(t::text, ' ') FROM trainmon.token t")).ShouldNotContain(token["trainmon_".Length..]);
    }

    private async Task<TokenBook> OpenAsync(string? to = null) => new(
        await PostgresTokenStore.OpenAsync(new PostgresOptions { ConnectionString = to ?? connection }, time, CancellationToken.None), time, NullLogger<TokenBook>.Instance);
}
