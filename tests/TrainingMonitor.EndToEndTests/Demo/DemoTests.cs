using System.Text.Json;
using TrainingMonitor.EndToEndTests.Support;

namespace TrainingMonitor.EndToEndTests.Demo;

/// <summary>Every job of the demo, as a user runs it: a real training run in its own process, a real server, and the alerts that its story asks for.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Wrong_labels_raise_memorization_within_six_epochs_of_the_lowest_held_out_loss()
    {
        var summary = await RunAsync("digits-noise");
        var alert = Alert(summary, "memorization_onset").ShouldNotBeNull(summary.ToString());
        alert.GetProperty("severity").GetString().ShouldBe("warning");
        var heldOut = summary.GetProperty("held_out");
        heldOut.GetProperty("rise_after_lowest").GetDouble().ShouldBeGreaterThan(0.05, "the run must memorize for the test to mean anything");
        (alert.GetProperty("epoch").GetDouble() - heldOut.GetProperty("lowest_epoch").GetDouble()).ShouldBeInRange(-2, 6, summary.ToString());
    }

    [Fact]
    public async Task Clean_regularized_digits_raise_nothing()
    {
        var summary = await RunAsync("digits-clean");
        Rules(summary).ShouldBeEmpty(summary.ToString());
        summary.GetProperty("held_out").GetProperty("rise_after_lowest").GetDouble().ShouldBeLessThan(0.02, "the run must not overfit for the test to mean anything");
    }

    [Fact]
    public async Task Grokking_is_announced_before_held_out_accuracy_passes_a_fifth()
    {
        var summary = await RunAsync("grokking");
        var grokking = summary.GetProperty("grokking");
        grokking.GetProperty("held_out20_step").GetInt64().ShouldBeGreaterThan(grokking.GetProperty("announced_step").GetInt64(), summary.ToString());
        Rules(summary).ShouldNotContain("memorization_stays", summary.ToString());
    }

    [Fact]
    public async Task Random_labels_never_promise_grokking()
    {
        var summary = await RunAsync("random-labels");
        Rules(summary).ShouldNotContain("grokking_on_its_way", summary.ToString());
        Rules(summary).ShouldNotContain("grokking", summary.ToString());
    }

    [Fact]
    public async Task Gradient_descent_meets_the_edge_of_stability_at_two_over_the_learning_rate()
    {
        var summary = await RunAsync("edge-of-stability");
        Rules(summary).ShouldContain("edge_of_stability", summary.ToString());
        summary.GetProperty("sharpness").GetProperty("median_ratio").GetDouble().ShouldBeInRange(0.9, 1.1, summary.ToString());
    }

    [Fact]
    public async Task A_diverging_run_is_said_to_diverge()
    {
        var summary = await RunAsync("diverging");
        Rules(summary).ShouldContain(rule => rule == "divergence" || rule == "nonfinite", summary.ToString());
    }

    private static async Task<JsonElement> RunAsync(string job) =>
        JsonDocument.Parse(await CommandLine.RunAsync(TestContext.Current.CancellationToken, "demo", "--job", job, "--headless", "--json")).RootElement;

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
