using System.Globalization;
using System.Text.Json;
using TrainingMonitor.Client;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;
using AlertmanagerServer = TrainingMonitor.Notifications.Tests.Support.AlertmanagerServer;
using StubReceiver = TrainingMonitor.Notifications.Tests.Support.StubReceiver;

namespace TrainingMonitor.EndToEndTests.Sinks;

/// <summary><c>trainmon serve --notify-config</c> with a real Alertmanager and a webhook under a trainer; the server is killed twice. Afterwards the webhook has
/// every transition of every alert in order, and Alertmanager what fires.</summary>
public sealed class AlertDeliveryTests
{
    private const string Run = "run, \"mit\" = Ünïcode";

    [Fact]
    public async Task Every_alert_arrives_in_order_after_kills_and_alertmanager_shows_what_fires()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var hook = await StubReceiver.StartAsync();
        await using var manager = await AlertmanagerServer.StartAsync();
        using var folders = new TemporaryFolder();
        var config = Path.Combine(folders.Path, "notify.json");
        await File.WriteAllTextAsync(
            config,
            $$"""
            {
              "receivers": [{ "name": "am", "kind": "alertmanager", "url": "{{manager.Url}}", "resendSeconds": 1 }, { "name": "hook", "kind": "webhook", "url": "{{hook.Url}}" }],
              "routes": [{ "receivers": ["am", "hook"] }]
            }
            """,
            stop);
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        server.Arguments.AddRange(["--notify-config", config]);
        await server.StartAsync(stop);
        var options = new ClientOptions
        {
            Server = server.Grpc, RunId = Run, Project = "sinks", Description = SyntheticTrainer.Description, SpillFolder = Path.Combine(folders.Path, "spill"), ExitTimeout = TimeSpan.FromSeconds(60),
        };
        using (var trainer = new SyntheticTrainer(options, seed: 3))
        {
            trainer.Declare();
            async Task PauseAsync(int step)
            {
                await Task.Delay(step % 2 == 0 ? 2 : 0, stop);
                if (trainer.Sent is 400 or 900)
                {
                    await server.KillAsync();
                    await server.StartAsync(stop);
                }
            }

            await trainer.RunAsync(0, 1000, PauseAsync);
            await trainer.RunAsync(800, 1300, PauseAsync); // a rewind inside the attempt
            trainer.Client.Finish(Goodbye.Types.Reason.Finished);
        }

        // A clean stop writes everything the server still holds.
        await server.StopAsync(stop);
        await server.StartAsync(stop);
        var expected = await TransitionsAsync(server, stop);
        expected.ShouldContain(told => told.State == "firing");
        expected.ShouldContain(told => told.State == "resolved");

        // At least once, so the same key may come twice around a kill; what it says then is the same.
        List<(string State, string Rule, string Layer, string Step)> Arrived() =>
            [.. hook.Got.DistinctBy(got => got.Headers["Idempotency-Key"].ToString()).Select(got => Told(got.Body.GetProperty("alerts")[0]))];
        await Eventually.Async(async () => Arrived().Count >= expected.Count
            && (await server.GetAsync("/metrics", stop)).Contains("trainmon_notifications_waiting{receiver=\"hook\"} 0", StringComparison.Ordinal));
        Arrived().ShouldBe(expected);

        var firing = expected.GroupBy(told => (told.Rule, told.Layer)).Select(alert => alert.Last()).Where(told => told.State == "firing").Select(told => (told.Rule, told.Layer)).Order().ToList();
        await Eventually.Async(async () => (await manager.AlertsAsync()).Select(alert => Told(alert)).Select(told => (told.Rule, told.Layer)).Order().SequenceEqual(firing));
    }

    [Fact]
    public async Task A_test_arrives_and_silences_are_kept_through_the_command_line()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var hook = await StubReceiver.StartAsync();
        using var folders = new TemporaryFolder();
        var config = Path.Combine(folders.Path, "notify.json");
        await File.WriteAllTextAsync(config, $$"""{ "receivers": [{ "name": "hook", "kind": "webhook", "url": "{{hook.Url}}" }] }""", stop);
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        server.Arguments.AddRange(["--notify-config", config]);
        await server.StartAsync(stop);
        string[] there = ["--server", server.Grpc.ToString(), "--http", server.Http.ToString()];
        (await CommandLine.RunAsync(stop, ["notify", "test", "--to", "hook", .. there])).Trim().ShouldBe("hook (webhook): delivered");
        hook.Got.Single().Body.GetProperty("commonLabels").GetProperty("alertname").GetString().ShouldBe("notify_test");
        using var made = JsonDocument.Parse(await CommandLine.RunAsync(stop, ["silence", "add", "--project", "mn*", "--for", "90m", "--comment", "known", "--json", .. there]));
        var id = made.RootElement.GetProperty("id").GetString()!;
        await server.KillAsync();
        await server.StartAsync(stop);
        (await CommandLine.RunAsync(stop, ["silence", "list", .. there])).ShouldContain($"{id}  until ");
        (await CommandLine.RunAsync(stop, ["silence", "remove", id, .. there])).ShouldContain("is over");
        (await CommandLine.RunAsync(stop, ["silence", "list", .. there])).Trim().ShouldBe("No silences.");
        (await CommandLine.RunAsync(stop, ["ack", .. there])).Trim().ShouldBe("Nothing is acknowledged.");
        (await CommandLine.RunAsync(stop, ["notify", "list", .. there])).ShouldStartWith("hook (webhook): 0 sent, 0 waiting");
        var error = await Should.ThrowAsync<InvalidOperationException>(CommandLine.RunAsync(stop, ["ack", "no-run/no-rule", .. there]));
        error.Message.ShouldContain("ended with 3");
    }

    /// <summary>Transitions to firing and to resolved as the server's own store has them.</summary>
    private static async Task<List<(string State, string Rule, string Layer, string Step)>> TransitionsAsync(ServerProcess server, CancellationToken stop)
    {
        using var document = JsonDocument.Parse(await server.GetAsync($"/api/v1/runs/{Uri.EscapeDataString(Run)}/alerts?limit=10000", stop));
        var told = new List<(string, string, string, string)>();
        var firing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var alert in document.RootElement.GetProperty("alerts").EnumerateArray().OrderBy(alert => long.Parse(alert.GetProperty("ordinal").GetString()!, CultureInfo.InvariantCulture)))
        {
            var id = alert.GetProperty("id").GetString()!;
            var state = alert.GetProperty("state").GetString();
            // A pending alert that goes away was never told, and neither is its end.
            if ((state == "ALERT_STATE_FIRING" && firing.Add(id)) || (state == "ALERT_STATE_RESOLVED" && firing.Remove(id)))
            {
                told.Add((state == "ALERT_STATE_FIRING" ? "firing" : "resolved", alert.GetProperty("rule").GetString()!, alert.GetProperty("layer").GetString()!, alert.GetProperty("step").GetString()!));
            }
        }

        return told;
    }

    private static (string State, string Rule, string Layer, string Step) Told(JsonElement alert) => (
        alert.GetProperty("status").ValueKind == JsonValueKind.String ? alert.GetProperty("status").GetString()! : "firing",
        alert.GetProperty("labels").GetProperty("alertname").GetString()!,
        alert.GetProperty("labels").TryGetProperty("layer", out var layer) ? layer.GetString()! : "",
        alert.GetProperty("annotations").GetProperty("step").GetString()!);
}
