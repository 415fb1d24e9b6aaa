using Microsoft.Playwright;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Pages;

/// <summary>Pages of somebody with a token for one project: what is drawn first, and what comes by the live connection.</summary>
[Collection(BrowserSet.Name)]
public sealed class TokenPageTests(Browser browser)
{
    [Fact]
    public async Task A_token_for_one_project_sees_its_runs_live_until_it_is_revoked()
    {
        var page = await browser.PageAsync();
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Gateway.Live["run-a"] = Samples.Run("run-a", state: RunState.Running, project: "a");
        server.Node.Gateway.Live["run-b"] = Samples.Run("run-b", state: RunState.Running, project: "b");
        var token = await Tokens.CreateAsync(server, "person", "read", "a");
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/login").ToString());
        await page.FillAsync("input[name=token]", token);
        await page.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "run-a" }).WaitForAsync();

        server.Node.Gateway.Live["later-b"] = Samples.Run("later-b", state: RunState.Running, project: "b");
        server.Node.Gateway.Live["later-a"] = Samples.Run("later-a", state: RunState.Running, project: "a");
        await page.GetByRole(AriaRole.Link, new() { Name = "later-a" }).WaitForAsync();
        (await page.InnerTextAsync("main")).ShouldNotContain("-b");
        await page.GotoAsync(new Uri(server.Server.HttpAddress, "/runs/run-b").ToString());
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no run \"run-b\"");

        await page.GotoAsync(server.Server.HttpAddress.ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = "run-a" }).WaitForAsync();
        (await Tokens.AskAsync(server, server.Token, "/api/v1/tokens/person", HttpMethod.Delete)).Status.ShouldBe(200);
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("was revoked");
        (await page.GotoAsync(server.Server.HttpAddress.ToString()))!.Status.ShouldBe(401);
    }
}
