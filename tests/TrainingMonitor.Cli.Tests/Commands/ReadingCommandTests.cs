using System.Text.Json;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Commands;

public sealed class ReadingCommandTests : IAsyncLifetime
{
    private FakeServer server = null!;

    public async ValueTask InitializeAsync()
    {
        server = await FakeServer.StartAsync();
        server.Queries.Runs.AddRange([Samples.Run(), Samples.Run("digits-2", RunState.Finished), Samples.Run("other", RunState.Stalled, "mine")]);
        server.Queries.Alerts.AddRange([Samples.Alert(), Samples.Alert(2, AlertState.Resolved, step: 200)]);
        server.Queries.Series.Add(Samples.Series("loss", 2, 1));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Runs_as_a_table()
    {
        var run = await server.RunAsync("runs");

        run.ExitCode.ShouldBe(ExitCodes.Ok);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ShouldBe(["Run", "Project", "State", "Step", "Loss", "Alerts", "Last", "report"]);
        lines.ShouldContain(line => line.Contains("digits-1") && line.Contains("running") && line.Contains("299/600") && line.Contains("0.412"));
    }

    [Fact]
    public async Task Runs_of_one_project_as_json()
    {
        var run = await server.RunAsync("runs", "--project", "mine", "--json");

        using var json = JsonDocument.Parse(run.Output);
        var only = json.RootElement.EnumerateArray().ShouldHaveSingleItem();
        only.GetProperty("run_id").GetString().ShouldBe("other");
        only.GetProperty("state").GetString().ShouldBe("stalled");
        only.GetProperty("planned_steps").GetInt64().ShouldBe(600);
        only.GetProperty("started_at").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        only.GetProperty("worst_severity").GetString().ShouldBe("warning");
    }

    [Fact]
    public async Task Show_once()
    {
        var run = await server.RunAsync("show", "digits-1", "--once");

        run.ExitCode.ShouldBe(ExitCodes.Ok);
        run.Output.ShouldStartWith("digits-1  running  step 299/600");
        run.Output.ShouldContain("Training loss 1.00");
        run.Output.ShouldContain("✓ warning resolved memorization_onset at step 200");
    }

    [Fact]
    public async Task Show_as_json_leaves_out_what_is_not_a_number()
    {
        var run = await server.RunAsync("show", "digits-1", "--once", "--json");

        using var json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("estimates").EnumerateObject().Select(estimate => estimate.Name).ShouldBe(["loss", "memorized_nats", "noise_scale"]);
        json.RootElement.GetProperty("alerts")[0].GetProperty("rule").GetString().ShouldBe("memorization_onset");
        json.RootElement.GetProperty("counters").GetProperty("reports").GetInt64().ShouldBe(300);
    }

    [Fact]
    public async Task Show_live_as_json_writes_a_document_a_line()
    {
        server.Queries.Updates.Add(new RunUpdate { Summary = new RunSummary { RunId = "digits-1", Step = 301, Loss = double.NaN } });

        var lines = (await server.RunAsync("show", "digits-1", "--json")).Output.Split('\n');

        lines.Length.ShouldBe(2);
        using var update = JsonDocument.Parse(lines[1]);
        update.RootElement.GetProperty("run").GetProperty("step").GetInt64().ShouldBe(301);
        update.RootElement.GetProperty("run").TryGetProperty("loss", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("other", "other")]
    [InlineData("ot", "other")]
    [InlineData("last", "digits-1")]
    public async Task A_run_is_named_by_its_start_or_by_last(string text, string id) =>
        (await server.RunAsync("show", text, "--once")).Output.ShouldStartWith(id);

    [Fact]
    public async Task An_ambiguous_start_is_refused()
    {
        var run = await server.RunAsync("show", "digits", "--once");

        run.ExitCode.ShouldBe(ExitCodes.Usage);
        run.Error.ShouldBe("'digits' may be digits-1 or digits-2: type more of the id.");
    }

    [Fact]
    public async Task An_unknown_run_is_exit_code_3()
    {
        var run = await server.RunAsync("show", "nobody", "--once");

        run.ExitCode.ShouldBe(ExitCodes.NotFound);
        run.Error.ShouldBe("There is no run 'nobody': list the runs with 'trainmon runs'.");
    }

    [Fact]
    public async Task Alerts_of_a_run()
    {
        var lines = (await server.RunAsync("alerts", "--run", "digits-1")).Output.Split('\n');
        lines.Count(line => line.Contains("memorization_onset at step")).ShouldBe(2);
        lines[0].ShouldStartWith("▲ warning memorization_onset at step 120: Training loss fell by 0.31 nats");
        (await server.RunAsync("alerts", "--run", "other")).Output.ShouldBe("No alerts.");
    }

    [Fact]
    public async Task Active_alerts_as_json()
    {
        var run = await server.RunAsync("alerts", "--active", "--json");

        using var json = JsonDocument.Parse(run.Output);
        var only = json.RootElement.EnumerateArray().ShouldHaveSingleItem();
        only.GetProperty("statistic").GetString().ShouldBe("memorized_nats");
        only.GetProperty("value").GetDouble().ShouldBe(0.31);
        only.GetProperty("false_alarm_control").GetString().ShouldBe("average run length 10000 reports");
        only.TryGetProperty("layer", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Follow_goes_on_after_the_list_and_says_nothing_twice()
    {
        server.Queries.LiveAlerts.Writer.TryWrite(Samples.Alert(2, AlertState.Resolved, step: 200));
        server.Queries.LiveAlerts.Writer.TryWrite(Samples.Alert(3, step: 300));
        server.Queries.LiveAlerts.Writer.Complete();

        var run = await server.RunAsync("alerts", "--run", "digits-1", "--follow", "--json");

        run.ExitCode.ShouldBe(ExitCodes.Ok);
        run.Output.Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("ordinal").GetInt32()).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task No_runs_yet()
    {
        server.Queries.Runs.Clear();

        (await server.RunAsync("runs")).Output.ShouldBe("No runs yet. 'trainmon demo' trains one.");
        (await server.RunAsync("show", "last")).Error.ShouldBe("The server has no runs yet: start one with 'trainmon demo'.");
    }
}
