using System.Globalization;
using System.Text;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace TrainingMonitor.Benchmarks.Analysis;

/// <summary>Runs <see cref="AnalysisBenchmark"/> in this process and makes a table of it.</summary>
internal static class AnalysisRun
{
    /// <summary>The table.</summary>
    public static string Run()
    {
        var config = DefaultConfig.Instance
            .AddJob(Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(10))
            .WithOptions(ConfigOptions.DisableLogFile);
        var summary = BenchmarkRunner.Run<AnalysisBenchmark>(config);
        var text = new StringBuilder("| layers | statistics | µs a step: median | 90% | allocated, bytes |\n|---|---|---|---|---|\n");
        foreach (var report in summary.Reports)
        {
            text.AppendLine(Row(report));
        }

        return text.ToString();
    }

    private static string Row(BenchmarkReport report)
    {
        var parameters = report.BenchmarkCase.Parameters;
        var figures = report.ResultStatistics ?? throw new InvalidOperationException("The benchmark gave no figures.");
        var exact = (bool)parameters["Exact"] ? "exact sums and lag sums at every step" : "cheap set";
        var bytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
        return string.Create(CultureInfo.InvariantCulture, $"| {parameters["Layers"]} | {exact} | {figures.Median / 1000:0.0} | {figures.Percentiles.P90 / 1000:0.0} | {bytes} |");
    }
}
