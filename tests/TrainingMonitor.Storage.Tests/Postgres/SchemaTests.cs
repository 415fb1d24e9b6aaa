using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Postgres;

namespace TrainingMonitor.Storage.Tests.Postgres;

public sealed class SchemaTests(PostgresServerFixture fixture) : PostgresTests(fixture)
{
    [Fact]
    public async Task Several_nodes_make_the_tables_at_once()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OpenAsync()));
        stores.Length.ShouldBe(8);
        (await PostgresServer.ScalarAsync<long>(Connection, "SELECT count(*) FROM trainmon.version")).ShouldBe(1);
        (await stores[3].Runs.OverdueAsync(TimeSpan.Zero, 1, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tables_of_a_newer_program_are_refused_and_not_touched()
    {
        await OpenAsync();
        await PostgresServer.ExecuteAsync(Connection, "UPDATE trainmon.version SET number = 99");
        (await Should.ThrowAsync<InvalidOperationException>(() => OpenAsync())).Message.ShouldContain("version 99, made by a newer program");
        (await PostgresServer.ScalarAsync<int>(Connection, "SELECT number FROM trainmon.version")).ShouldBe(99);
    }

    [Fact]
    public async Task A_user_who_may_not_make_a_schema_uses_one_that_is_there()
    {
        await PostgresServer.ExecuteAsync(Connection, "CREATE ROLE modest LOGIN; CREATE SCHEMA house AUTHORIZATION modest");
        await OpenAsync(options => options with { Schema = "house", ConnectionString = Connection.Replace("Username=postgres", "Username=modest") });
        await OpenAsync(options => options with { Schema = "house", ConnectionString = Connection.Replace("Username=postgres", "Username=modest") });
        (await PostgresServer.ScalarAsync<long>(Connection, "SELECT count(*) FROM house.run")).ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_answer_soon()
    {
        var options = new PostgresOptions { ConnectionString = "Host=127.0.0.1;Port=1;Username=nobody", Patience = TimeSpan.Zero };
        (await Should.ThrowAsync<IOException>(() => PostgresStore.OpenAsync(options, NullLoggerFactory.Instance, TimeProvider.System, None))).Message.ShouldContain("does not answer");
    }
}
