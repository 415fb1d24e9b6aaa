using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Grafana.Tests.Dashboards;
using TrainingMonitor.Grafana.Tests.Support;

namespace TrainingMonitor.Grafana.Tests;

/// <summary>Draws each dashboard from its own JSON and the answers to its own queries, so that a person can look at it: <c>preview/*.html</c> and pictures beside the test's
/// output. Not Grafana, but what Grafana gets.</summary>
[Collection(RecordedSet.Name)]
public sealed class PreviewTests(RecordedData data, Browser browser)
{
    public static TheoryData<string, string> Views => new()
    {
        { "fleet", ".*" }, { "run", "digits-noise" }, { "run", "edge-of-stability" }, { "layers", "digits-noise" }, { "monitor-health", ".*" },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Panels_draw_something(string name, string run)
    {
        var stop = TestContext.Current.CancellationToken;
        var dashboard = Dashboard.All.Single(dashboard => dashboard.Name == name);
        var answers = new JsonObject();
        foreach (var panel in dashboard.Panels)
        {
            var targets = new JsonArray();
            foreach (var target in panel.Targets)
                targets.Add(new JsonArray([.. (await PanelData.AskAsync(data, target.GetProperty("query").GetString()!, run, panel.MaxDataPoints, stop)).Select(series => JsonNode.Parse(series.GetRawText()))]));
            answers[panel.Json.GetProperty("id").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture)] = targets;
        }

        var marks = new JsonArray();
        foreach (var annotation in dashboard.Annotations)
            (await PanelData.AskAsync(data, annotation.GetProperty("target").GetProperty("query").GetString()!, run, 200, stop))
                .SelectMany(series => series.GetProperty("values").EnumerateArray()).ToList().ForEach(row => marks.Add(row[0].GetInt64()));
        var page = await ShowAsync(name, run, new JsonObject { ["dashboard"] = JsonNode.Parse(dashboard.Text), ["answers"] = answers, ["annotations"] = marks });

        var empty = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('[data-title]')].filter(panel => +panel.dataset.marks === 0).map(panel => panel.dataset.title)");
        // What a run of this kind does not send is no panel of it; over all runs each panel has rows, as another test asks.
        empty.Length.ShouldBeLessThan(dashboard.Panels.Count() / 2, string.Join(", ", empty));
        await page.Context.CloseAsync();
    }

    private async Task<IPage> ShowAsync(string name, string run, JsonObject content)
    {
        var html = Resource("preview.html")
            .Replace("/*DATA*/", content.ToJsonString(new JsonSerializerOptions { Encoder = null }), StringComparison.Ordinal)
            .Replace("/*SCRIPT*/", Resource("preview.js"), StringComparison.Ordinal);
        var file = run == ".*" ? name : $"{name}-{run}";
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "preview")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, file + ".html"), html);
        var page = await browser.PageAsync(1600, 1000);
        var errors = new List<string>();
        page.PageError += (_, error) => errors.Add(error);
        await page.SetContentAsync(html);
        errors.ShouldBeEmpty();
        (await page.EvaluateAsync<string>("() => document.body.dataset.done")).ShouldBe("yes");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, file + ".png"), FullPage = true });
        return page;
    }

    private static string Resource(string name)
    {
        using var stream = typeof(PreviewTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
