using System.Globalization;
using TrainingMonitor.Benchmarks.Analysis;
using TrainingMonitor.Benchmarks.Influx;
using TrainingMonitor.Benchmarks.Ingest;
using TrainingMonitor.Benchmarks.Latency;
using TrainingMonitor.Benchmarks.Overhead;
using TrainingMonitor.Benchmarks.Postgres;
using TrainingMonitor.Benchmarks.Scale;

// dotnet run -c Release --project tests/TrainingMonitor.Benchmarks -- ingest
switch (args)
{
    case ["child", "bare-sink", var port, _]:
        await BareSink.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["child", "server", var port, var folder]:
        await ServerProcess.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture), folder);
        return 0;
    case ["child", "scale-server", .. var arguments]:
        await ScaleServer.ServeAsync(arguments);
        return 0;
    case ["child", "scale-load", .. var addresses]:
        await LoadWorker.RunAsync([.. addresses.Select(text => new Uri(text))]);
        return 0;
    case ["scale", .. var rest]:
        return await ScaleCommand.RunAsync(rest);
    case ["ingest", .. var counts]:
        var steps = counts is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 60_000;
        Console.Write(await IngestComparison.RunAsync(rounds: 5, layers: 100, steps));
        return 0;
    case ["stages", .. var counts]:
        Console.Write(await IngestStages.RunAsync(layers: 100, counts is [var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 20_000));
        return 0;
    case ["idle-runs", .. var many]:
        Console.Write(await IdleRuns.RunAsync(many is [var runs] ? int.Parse(runs, CultureInfo.InvariantCulture) : 1000));
        return 0;
    case ["load", { } address, { } total, { } batch]:
        var rate = await LoadGenerator.RunAsync(
            new Uri(address), Environment.GetEnvironmentVariable("TRAINMON_TOKEN"), layers: 100, int.Parse(batch, CultureInfo.InvariantCulture), int.Parse(total, CultureInfo.InvariantCulture));
        Console.WriteLine($"{rate:N0} steps/s, durable");
        return 0;
    case ["overhead", .. var choices]:
        OverheadRun.Run(Console.Out, choices);
        return 0;
    case ["budget", .. var lengths]:
        BudgetRun.Run(Console.Out, lengths is [var length, ..] ? double.Parse(length, CultureInfo.InvariantCulture) : 60, lengths is [_, var network] ? network : "small");
        return 0;
    case ["alert-latency"]:
        Console.Write(await AlertLatency.RunAsync(500));
        return 0;
    case ["analysis"]:
        Console.Write(AnalysisRun.Run());
        return 0;
    case ["influx-lines"]:
        Console.Write(LineSpeed.Run());
        return 0;
    case ["influx-sink", { } url, .. var many]:
        Console.Write(await SinkThroughput.RunAsync(new Uri(url), many is [var times] ? int.Parse(times, CultureInfo.InvariantCulture) : 7));
        return 0;
    case ["influx-ingest", { } url, .. var counts]:
        Console.Write(await SinkAndIngest.RunAsync(
            new Uri(url),
            counts is [var stepCount, ..] ? int.Parse(stepCount, CultureInfo.InvariantCulture) : 20_000,
            counts is [_, var roundCount] ? int.Parse(roundCount, CultureInfo.InvariantCulture) : 7));
        return 0;
    case ["postgres", { } connectionString, .. var lengths]:
        Console.Write(await SharedLogSpeed.RunAsync(connectionString, lengths is [var duration] ? int.Parse(duration, CultureInfo.InvariantCulture) : 15));
        return 0;
    case ["start", { } program]:
        Console.Write(await StartTime.RunAsync(program, 15));
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: ingest [steps] | stages [steps] | idle-runs [runs] | load URL STEPS STEPS-A-FRAME | overhead [rounds] [large|medium|small] [adam|sgd|momentum] [one-thread] | budget [seconds] [large|medium|small] | alert-latency | analysis | influx-lines | influx-sink URL [rounds] | influx-ingest URL [steps] [rounds] | postgres CONNECTION-STRING [seconds] | start PROGRAM | " + ScaleCommand.Usage);
        return 2;
}
