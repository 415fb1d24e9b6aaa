using System.Text.Json;
using TrainingMonitor.Cli.Tests.Support;

namespace TrainingMonitor.Cli.Tests.Commands;

public sealed class VersionCommandTests
{
    [Fact]
    public async Task Is_one_line() => (await CliRun.OfAsync(["version"])).Output.ShouldStartWith("trainmon 0.1.0 (protocol 1, .NET ");

    [Fact]
    public async Task Is_json()
    {
        using var json = JsonDocument.Parse((await CliRun.OfAsync(["version", "--json"])).Output);

        json.RootElement.GetProperty("protocol").GetInt32().ShouldBe(1);
    }
}
