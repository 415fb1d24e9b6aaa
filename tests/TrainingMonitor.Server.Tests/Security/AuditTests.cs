using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TrainingMonitor.Server.Security.Auditing;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Security;

public sealed class AuditTests
{
    private const string Section = """{"receivers":[{"name":"script","kind":"command","program":"/bin/true"}]}""";

    [Fact]
    public async Task Who_did_what_from_where_is_kept()
    {
        await using var server = await ServerUnderTest.StartRealAsync(o => o with { Notifications = Section });
        var admin = await Tokens.CreateAsync(server, "admin", "admin", "a");
        var id = JsonDocument.Parse((await Tokens.AskAsync(server, admin, "/api/v1/silences?project=a&minutes=5", HttpMethod.Post)).Body).RootElement.GetProperty("id").GetString();
        await Tokens.AskAsync(server, admin, "/api/v1/silences/" + id, HttpMethod.Delete);
        await Tokens.AskAsync(server, admin, "/api/v1/acks?alert=x/y", HttpMethod.Post);
        await Tokens.AskAsync(server, admin, "/api/v1/tokens");
        await Tokens.AskAsync(server, "guess", "/api/v1/runs");
        using (var stream = new Trainer(server, "guess"))
            await stream.ReadErrorAsync();
        using (var login = await server.Http.PostAsync("/login", new FormUrlEncodedContent([new("token", admin)]), TestContext.Current.CancellationToken))
            login.IsSuccessStatusCode.ShouldBeTrue();
        await Tokens.AskAsync(server, server.Token, "/api/v1/tokens/admin", HttpMethod.Delete);
        await server.Server.DisposeAsync();

        var lines = (await File.ReadAllLinesAsync(Path.Combine(server.Data, "audit.jsonl"), TestContext.Current.CancellationToken)).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        lines.Select(line => $"{line.GetProperty("who").GetString()} {line.GetProperty("what").GetString()} {line.GetProperty("result").GetString()}").ShouldBe(
        [
            $"{Environment.UserName} server.start ok", "owner token.create ok", "admin silence.add ok", "admin silence.remove ok", "admin ack.add not found", "admin http.GET denied", " http.GET denied", " grpc denied",
            "admin login.form ok", "owner token.revoke ok", $"{Environment.UserName} server.stop ok",
        ]);
        lines.Skip(1).SkipLast(1).ShouldAllBe(line => line.GetProperty("from").GetString() == "127.0.0.1");
        lines[1].GetProperty("detail").GetString().ShouldBe("admin; a");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Path.Combine(server.Data, "audit.jsonl")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void Files_are_turned_over_and_bounded()
    {
        using var folder = new TemporaryFolder();
        using (var file = new AuditFile(folder.Path, 1000, 3))
        {
            for (var i = 0; i < 100; i++)
                file.Append(System.Text.Encoding.UTF8.GetBytes($"{i:000} {new string('x', 95)}\n"), durable: false);
        }

        var files = Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal).ToList();
        files.Select(Path.GetFileName).ShouldBe(["audit.1.jsonl", "audit.2.jsonl", "audit.jsonl"]);
        files.ShouldAllBe(file => new FileInfo(file).Length <= 1000);
        var kept = File.ReadLines(files[1]).Concat(File.ReadLines(files[0])).Concat(File.ReadLines(files[2])).Select(line => int.Parse(line[..3])).ToList();
        kept.ShouldBe(Enumerable.Range(100 - kept.Count, kept.Count));
        // A restart goes on in the file.
        using (var again = new AuditFile(folder.Path, 1000, 3))
            again.Append("more\n"u8, durable: true);
        File.ReadLines(Path.Combine(folder.Path, "audit.jsonl")).Last().ShouldBe("more");
    }

    [Fact]
    public void Who_guesses_in_a_loop_fills_no_log()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        using (var log = new AuditLog(new AuditFile(folder.Path, 1 << 20, 2), time, NullLogger<AuditLog>.Instance))
        {
            for (var i = 0; i < 1000; i++)
                log.Write(new AuditEntry("", "nothing", "10.0.0.1", "grpc", "/x", "denied"));
            log.Write(new AuditEntry("", "nothing", "10.0.0.2", "grpc", "/x", "denied"));
            time.Advance(TimeSpan.FromSeconds(11));
            log.Write(new AuditEntry("", "nothing", "10.0.0.1", "grpc", "/x", "denied"));
        }

        var lines = File.ReadAllLines(Path.Combine(folder.Path, "audit.jsonl"));
        lines.Length.ShouldBe(3);
        lines[2].ShouldContain("\"held_back\":999");
    }

    [Fact]
    public void A_disk_that_fails_stops_nothing()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "audit.jsonl"));
        using var log = new AuditLog(new AuditFile(folder.Path, 1 << 20, 2), TimeProvider.System, NullLogger<AuditLog>.Instance);
        log.Write(new AuditEntry("a", "token", "", "token.create", "b", "ok"));
        (log.Written, log.Failures).ShouldBe((0L, 1L));
    }
}
