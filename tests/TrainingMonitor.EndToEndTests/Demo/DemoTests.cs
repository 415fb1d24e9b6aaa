using System.Text.Json;
using TrainingMonitor.EndToEndTests.Support;

namespace TrainingMonitor.EndToEndTests.Demo;

/// <summary>Every job of the demo, as a user runs it: a real training run in its own process, a real server, and the alerts that its story asks for.</summary>
[Collection(BrowserSet.Name)]
public sealed class DemoTests(DemoRuns runs, Browser browser) : IClassFixture<DemoRuns>
{
    public static TheoryData<int> All { get; } = Seeds.From(1);

    [Theory]
    [MemberData(nameof(All))]
    public async Task Wrong_labels_raise_memorization_within_six_epochs_of_the_lowest_held_out_loss(int seed)
    {
        var summary = await RunAsync("digits-noise", seed);
        var alert = Alert(summary, "memorization_onset").ShouldNotBeNull(summary.ToString());
        alert.GetProperty("severity").GetString().ShouldBe("warning");
        var heldOut = summary.GetProperty("held_out");
        heldOut.GetProperty("rise_after_lowest").GetDouble().ShouldBeGreaterThan(0.05, "the run must memorize for the test to mean anything");
        (alert.GetProperty("epoch").GetDouble() - heldOut.GetProperty("lowest_epoch").GetDouble()).ShouldBeInRange(-2, 6, summary.ToString());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Clean_regularized_digits_raise_nothing(int seed)
    {
        var summary = await RunAsync("digits-clean", seed);
        Rules(summary).ShouldBeEmpty(summary.ToString());

        // The demo's own seed must not overfit at all; with others held-out loss may rise by hundredths of a nat, which is nothing to raise an alarm about.
        var rise = summary.GetProperty("held_out").GetProperty("rise_after_lowest").GetDouble();
        rise.ShouldBeLessThan(seed == 0 ? 0.02 : 0.15, "the run must not overfit for the test to mean anything");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Grokking_is_announced_before_held_out_accuracy_passes_a_fifth_and_comes(int seed)
    {
        var summary = await RunAsync("grokking", seed);
        var grokking = summary.GetProperty("grokking");
        grokking.GetProperty("held_out20_step").GetInt64().ShouldBeGreaterThan(grokking.GetProperty("announced_step").GetInt64(), summary.ToString());
        Rules(summary).ShouldContain("grokking", summary.ToString());
        Rules(summary).ShouldNotContain("memorization_stays", summary.ToString());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Random_labels_never_promise_grokking(int seed)
    {
        var summary = await RunAsync("random-labels", seed);
        Rules(summary).ShouldNotContain("grokking_on_its_way", summary.ToString());
        Rules(summary).ShouldNotContain("grokking", summary.ToString());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Gradient_descent_meets_the_edge_of_stability_at_two_over_the_learning_rate(int seed)
    {
        var summary = await RunAsync("edge-of-stability", seed);
        Rules(summary).ShouldContain("edge_of_stability", summary.ToString());
        summary.GetProperty("sharpness").GetProperty("median_ratio").GetDouble().ShouldBeInRange(0.9, 1.1, summary.ToString());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_diverging_run_spikes_diverges_and_breaks(int seed)
    {
        var summary = await RunAsync("diverging", seed);
        Rules(summary).ShouldContain("loss_spike", summary.ToString());
        Rules(summary).ShouldContain("divergence", summary.ToString());
        Rules(summary).ShouldContain("nonfinite", summary.ToString());
    }

    [Theory]
    [InlineData("grokking", "loo-ratio")]
    [InlineData("edge-of-stability", "sharpness")]
    public async Task The_page_of_a_real_run_draws_its_story(string job, string chart)
    {
        var stop = TestContext.Current.CancellationToken;
        var page = await browser.PageAsync();
        var summary = await RunAsync(job, seed: 0);
        await using var server = new ServerProcess(runs.Folder(job, 0));
        await server.StartAsync(stop);
        await page.GotoAsync(new Uri(server.Http, $"/runs/{summary.GetProperty("run_id").GetString()}").ToString());
        await Browser.DrawnAsync(page, chart);
        await page.Locator("#unmeasured").WaitForAsync();
        (await page.Locator($".chart:has(#{chart}) .marks").InnerTextAsync()).ShouldNotBeEmpty();
        await Browser.PictureAsync(page, "demo-" + job);
    }

    private Task<JsonElement> RunAsync(string job, int seed) => runs.SummaryAsync(job, seed, TestContext.Current.CancellationToken);

    private static List<string> Rules(JsonElement summary) => [.. summary.GetProperty("alerts").EnumerateArray().Select(alert => alert.GetProperty("rule").GetString()!)];

    private static JsonElement? Alert(JsonElement summary, string rule)
    {
        foreach (var alert in summary.GetProperty("alerts").EnumerateArray())
        {
            if (alert.GetProperty("rule").GetString() == rule)
            {
                return alert;
            }
        }

        return null;
    }
}
