using Microsoft.Playwright;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Pages;

[Collection(BrowserSet.Name)]
public sealed class RunPageTests(Browser browser)
{
    [Fact]
    public async Task A_login_link_opens_the_list_which_leads_to_a_run_with_drawn_charts()
    {
        var page = await browser.PageAsync();
        await using var server = await ServerUnderTest.StartAsync();
        SampleRun.Fill(server.Node, "digits noise/ß".Replace('/', '-'), 600, RunState.Running);
        await page.GotoAsync(server.Server.CreateLoginLink().ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = "digits noise-ß" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "digits noise-ß" }).WaitForAsync();
        foreach (var chart in new[] { "loss", "accuracy", "memorized", "loo-ratio", "noise-scale", "sharpness", "update-norm" })
            await Browser.DrawnAsync(page, chart);
        await Browser.PictureAsync(page, "run-light");
        // The alert: its sentence in the list and at the chart that draws its statistic, its line in that chart.
        (await page.Locator(".alert .summary").InnerTextAsync()).ShouldContain("Memorization has started: since step 310");
        (await page.Locator(".chart:has(#memorized) .marks").InnerTextAsync()).ShouldContain("Memorization has started");
        (await page.EvaluateAsync<double>("() => echarts.getInstanceByDom(document.getElementById('memorized')).getOption().series[0].markLine.data[0].xAxis")).ShouldBe(340);
        (await page.TitleAsync()).ShouldBe("digits noise-ß · Training Monitor");
    }

    [Fact]
    public async Task New_steps_arrive_without_the_old_ones()
    {
        var page = await browser.PageAsync();
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        SampleRun.Fill(server.Node, "live", 100, RunState.Running);
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/runs/live").ToString());
        await Browser.DrawnAsync(page, "loss");
        SampleRun.Fill(server.Node, "live", 0, RunState.Running);
        SampleRun.Points(server.Node.Store, 100, 150);
        server.Node.Gateway.Live["live"].Summary.Step = 150;
        await page.WaitForFunctionAsync("() => echarts.getInstanceByDom(document.getElementById('loss')).getOption().series[0].data.length === 150");
        server.Node.Store.LastSeries!.From.ShouldBeGreaterThanOrEqualTo(99);
        await Assertions.Expect(page.Locator(".numbers")).ToContainTextAsync("150");
        // Another axis draws the same points elsewhere.
        await page.SelectOptionAsync("#x-axis", "Epoch");
        await page.WaitForFunctionAsync("() => echarts.getInstanceByDom(document.getElementById('loss')).getOption().xAxis[0].name === 'epoch'");
    }

    [Fact]
    public async Task Text_of_users_is_text()
    {
        var page = await browser.PageAsync();
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        SampleRun.Fill(server.Node, "evil", 50, RunState.Finished, name: SampleRun.Hostile);
        await page.GotoAsync(server.Server.HttpAddress.ToString());
        await Assertions.Expect(page.Locator("tbody th")).ToContainTextAsync("<img src=x");
        await page.Locator("tbody th a").ClickAsync();
        await Browser.DrawnAsync(page, "loss");
        // The marker's own label and tooltip are drawn by the chart library.
        await page.HoverAsync("#memorized");
        (await page.Locator("main img").CountAsync()).ShouldBe(0);
        (await page.TitleAsync()).ShouldNotBe("hacked");
        (await page.TitleAsync()).ShouldContain("<img src=x");
    }

    [Fact]
    public async Task Dark_and_narrow_screens_are_served()
    {
        var page = await browser.PageAsync(420, 900, dark: true);
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        SampleRun.Fill(server.Node, "small", 600, RunState.Running);
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/runs/small").ToString());
        await Browser.DrawnAsync(page, "update-norm");
        (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(420);
        await Browser.PictureAsync(page, "run-dark-narrow");
        await page.SetViewportSizeAsync(1400, 1000);
        await Browser.PictureAsync(page, "run-dark");
        await page.GotoAsync(server.Server.HttpAddress.ToString());
        await page.Locator("table").WaitForAsync();
        await Browser.PictureAsync(page, "runs-dark");
    }

    [Fact]
    public async Task Nothing_is_fetched_from_elsewhere_and_nothing_fails()
    {
        var page = await browser.PageAsync();
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        SampleRun.Fill(server.Node, "a", 50, RunState.Finished);
        var foreign = new List<string>();
        var problems = new List<string>();
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" or "ws" or "wss" } url && url.Authority != server.Server.HttpAddress.Authority)
                foreign.Add(request.Url);
        };
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                problems.Add(message.Text);
        };
        page.PageError += (_, error) => problems.Add(error);
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/runs/a").ToString());
        await Browser.DrawnAsync(page, "loss");
        await page.GetByText("the run has ended").WaitForAsync();
        await page.GotoAsync(server.Server.HttpAddress.ToString());
        await page.Locator("table").WaitForAsync();
        await Browser.PictureAsync(page, "runs-light");
        foreign.ShouldBeEmpty();
        problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_chart_without_points_waits_while_the_run_goes_on_and_is_named_when_it_has_ended()
    {
        var page = await browser.PageAsync();
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        SampleRun.Fill(server.Node, "live", 50, RunState.Running);
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/runs/live").ToString());
        await Browser.DrawnAsync(page, "loss");
        await Assertions.Expect(page.Locator(".chart:has(#staleness)")).ToBeVisibleAsync();
        SampleRun.Fill(server.Node, "over", 50, RunState.Finished);
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/runs/over").ToString());
        await Browser.DrawnAsync(page, "loss");
        await Assertions.Expect(page.Locator("#unmeasured")).ToHaveTextAsync("Not measured in this run: RMS staleness.");
        await Assertions.Expect(page.Locator(".chart:has(#staleness)")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator(".chart:has(#sharpness)")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_said()
    {
        var page = await browser.PageAsync();
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/runs/none").ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no run \"none\".");
    }
}
