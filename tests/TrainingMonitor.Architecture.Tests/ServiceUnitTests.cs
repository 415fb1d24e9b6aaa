using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainingMonitor.Architecture.Tests;

/// <summary>The unit for systemd: what it says, and what systemd says of it where that is at hand.</summary>
public sealed partial class ServiceUnitTests
{
    private const string Analyze = "/usr/bin/systemd-analyze";
    private static readonly string Unit = Path.Combine(Repository.Root, "deploy/trainmon.service");
    private static readonly string[] Lines = [.. File.ReadAllLines(Unit).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or '['))];

    [Theory]
    [InlineData("DynamicUser=yes")]
    [InlineData("StateDirectory=trainmon")]
    [InlineData("StateDirectoryMode=0700")]
    [InlineData("UMask=0077")]
    [InlineData("NoNewPrivileges=yes")]
    [InlineData("ProtectSystem=strict")]
    [InlineData("ProtectHome=yes")]
    [InlineData("PrivateTmp=yes")]
    [InlineData("CapabilityBoundingSet=")]
    [InlineData("SystemCallFilter=@system-service")]
    [InlineData("RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX")]
    public void It_has_what_hardening_asks_for(string line) => Lines.ShouldContain(line);

    [Fact]
    public void It_starts_the_server_in_the_folder_that_it_may_write_and_stops_it_with_time()
    {
        Lines.ShouldContain("ExecStart=/opt/trainmon/trainmon serve --data /var/lib/trainmon");
        Lines.ShouldContain("KillSignal=SIGTERM");
        var seconds = int.Parse(Lines.Single(line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal)).Split('=')[1], CultureInfo.InvariantCulture);
        seconds.ShouldBeGreaterThanOrEqualTo(45, "drain, snapshots, stores");
        // A secret in a unit is a secret for every user of the machine.
        Lines.ShouldNotContain(line => line.Contains("TOKEN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Systemd_understands_it_and_finds_little_exposed()
    {
        if (!File.Exists(Analyze))
        {
            Assert.Skip("skipped: needs systemd-analyze");
        }

        var folder = Directory.CreateTempSubdirectory("trainmon-unit-");
        try
        {
            // The program of the unit is not installed here; another stands in for it.
            var copy = Path.Combine(folder.FullName, "trainmon.service");
            await File.WriteAllTextAsync(copy, (await File.ReadAllTextAsync(Unit, TestContext.Current.CancellationToken)).Replace("/opt/trainmon/trainmon", "/bin/true", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            var (code, said) = await RunAsync("verify", copy);
            (code, said).ShouldBe((0, ""));
            var (_, security) = await RunAsync("security", "--offline=yes", copy);
            double.Parse(Exposure().Match(security).Groups["level"].Value, CultureInfo.InvariantCulture).ShouldBeLessThan(2.0, security);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Said)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Analyze, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (errors + await output).Trim());
    }

    [GeneratedRegex(@"Overall exposure level for \S+: (?<level>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exposure();
}
