using Microsoft.Playwright;

namespace TrainingMonitor.EndToEndTests.Support;

/// <summary>One Chromium for all page tests of the collection. Without it they are skipped, or fail where everything is required.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Path = "/usr/bin/chromium";
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Path))
            return;
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public async Task<IPage> PageAsync(int width = 1400, int height = 1000, bool dark = false)
    {
        if (browser is null && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
            Assert.Skip("skipped: needs chromium");
        browser.ShouldNotBeNull($"needs chromium at {Path}");
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
        });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(60_000);
        return page;
    }

    /// <summary>Keeps a picture beside the test's output.</summary>
    public static Task PictureAsync(IPage page, string name) =>
        page.ScreenshotAsync(new PageScreenshotOptions { Path = System.IO.Path.Combine(AppContext.BaseDirectory, "screenshots", name + ".png"), FullPage = true });

    /// <summary>Waits until a chart is drawn: the library holds points, and the canvas has pixels that are not blank.</summary>
    public static async Task DrawnAsync(IPage page, string chart) => await page.WaitForFunctionAsync(
        """
        id => {
          const element = document.getElementById(id), canvas = element?.querySelector('canvas');
          if (!canvas) return false;
          const series = echarts.getInstanceByDom(element).getOption().series;
          if (!(series[0].data.length > 0)) return false;
          const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          let drawn = 0;
          for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 0) drawn++;
          return drawn > 500;
        }
        """,
        chart,
        // Looking at every frame would take the processor from what is looked for.
        new PageWaitForFunctionOptions { PollingInterval = 250 });

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
