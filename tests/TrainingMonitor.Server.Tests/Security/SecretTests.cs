using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Tokens;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Security;

/// <summary>Every request there is, with every secret there is, right and wrong: none is in a log, the audit log, an answer or a metric.</summary>
public sealed class SecretTests
{
    [Fact]
    public async Task No_secret_is_in_any_log_or_answer()
    {
        const string InfluxToken = "influx-secret-5f1c9a", HookSecret = "hook-secret-93ab17", Wrong = "trainmon_wrong-secret-77e0", Own = "own-secret-token-0011223344";
        using var folder = new TemporaryFolder();
        var influx = Path.Combine(folder.Path, "influx");
        await File.WriteAllTextAsync(influx, InfluxToken, TestContext.Current.CancellationToken);
        using var ca = new TestCa();
        var (certificate, key) = ca.Server();
        var keyLine = (await File.ReadAllLinesAsync(key, TestContext.Current.CancellationToken))[1];
        var section = $$$"""{"receivers":[{"name":"hook","kind":"webhook","url":"http://127.0.0.1:9/{{{HookSecret}}}"}]}""";
        var answers = new StringBuilder();
        ServerUnderTest server;
        await using (server = await new ServerUnderTest { Token = Own, Real = true }.BeginAsync(o => o with
        {
            Token = Own, Notifications = section, InfluxUrl = "http://127.0.0.1:9", InfluxTokenFile = influx, TlsCertificate = certificate, TlsKey = key, QueriesPerSecond = 100_000,
        }))
        {
            var created = await CreateAsync(server, "reader", "read,ingest,admin");
            var code = JsonDocument.Parse((await AskAsync(server, Own, "POST", "/api/v1/login-link")).Body).RootElement.GetProperty("path").GetString()!.Split('=')[1];
            var secrets = new[] { Own, created, Wrong, TokenText.Cookie(Own), TokenText.Cookie(created), InfluxToken, HookSecret, keyLine, code };

            foreach (var endpoint in server.Server.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<GrpcPort>() is null))
            {
                var path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal).Replace("*", "", StringComparison.Ordinal);
                foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
                {
                    if (path.Contains("watch", StringComparison.Ordinal) || (method == "DELETE" && path.Contains("tokens", StringComparison.Ordinal)))
                        continue;
                    foreach (var token in (string?[])[null, Wrong, created, Own])
                        answers.AppendLine((await AskAsync(server, token, method, path)).Body);
                    answers.AppendLine((await AskAsync(server, null, method, path, ("Cookie", "trainmon=" + TokenText.Cookie(created)))).Body);
                    answers.AppendLine((await AskAsync(server, null, method, path, ("Cookie", "trainmon=" + Wrong))).Body);
                }
            }

            answers.AppendLine((await AskAsync(server, null, "GET", "/login?token=" + code)).Body);
            answers.AppendLine((await AskAsync(server, null, "GET", "/login?token=" + code)).Body);
            foreach (var token in (string[])[Wrong, created])
            {
                using var form = await server.Http.PostAsync("/login", new FormUrlEncodedContent([new("token", token)]), TestContext.Current.CancellationToken);
                answers.AppendLine(await form.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }

            answers.AppendLine((await AskAsync(server, Own, "POST", "/api/v1/notifications/test")).Body);
            await GrpcAsync(server, ca, created, Wrong, answers);
            answers.AppendLine((await AskAsync(server, Own, "DELETE", "/api/v1/tokens/reader")).Body);
            await server.Server.DisposeAsync();

            var audit = await File.ReadAllTextAsync(Path.Combine(server.Data, "audit.jsonl"), TestContext.Current.CancellationToken);
            audit.ShouldContain("token.create");
            answers.ToString().ShouldContain("Token missing or wrong");
            server.Log.Count.ShouldBeGreaterThan(20);
            foreach (var secret in secrets)
            {
                server.Log.Where(line => line.Contains(secret, StringComparison.Ordinal)).ShouldBeEmpty();
                audit.ShouldNotContain(secret);
                answers.ToString().ShouldNotContain(secret);
                server.Server.Report.ToString().ShouldNotContain(secret);
            }
        }
    }

    private static async Task<string> CreateAsync(ServerUnderTest server, string name, string scopes) =>
        JsonDocument.Parse((await AskAsync(server, server.Token, "POST", $"/api/v1/tokens?name={name}&scopes={scopes}")).Body).RootElement.GetProperty("token").GetString()!;

    private static async Task<(int Status, string Body)> AskAsync(ServerUnderTest server, string? token, string method, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, SslOptions = new() { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null } }) { BaseAddress = server.Server.HttpAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task GrpcAsync(ServerUnderTest server, TestCa ca, string right, string wrong, StringBuilder answers)
    {
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(
            server.Server.GrpcAddress, new() { HttpHandler = new SocketsHttpHandler { SslOptions = new TrainingMonitor.Client.ClientTlsFiles(ca.CaFile, null, null).Read() }, DisposeHttpClient = true });
        var queries = new Protocol.V1.Queries.QueriesClient(channel);
        foreach (var token in (string[])[right, wrong])
        {
            using var trainer = new Trainer(channel, server.Call(token));
            try
            {
                await trainer.OpenAsync();
                await trainer.SendAsync(Steps.Report(1, 0, 1.0));
                (await trainer.ReadErrorAsync()).Error.ToString().ShouldNotBeEmpty();
            }
            catch (RpcException error)
            {
                answers.AppendLine($"{error.Status} {string.Join(' ', error.Trailers)}");
            }

            try
            {
                await queries.GetRunAsync(new GetRunRequest { RunId = "none" }, server.Call(token));
            }
            catch (RpcException error)
            {
                answers.AppendLine($"{error.Status} {string.Join(' ', error.Trailers)}");
            }
        }
    }
}
