using System.Globalization;
using TrainingMonitor.Benchmarks.Ingest;

// dotnet run -c Release --project tests/TrainingMonitor.Benchmarks -- ingest
switch (args)
{
    case ["child", "bare-sink", var port, _]:
        await BareSink.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    case ["child", "server", var port, var folder]:
        await IngestComparison.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture), folder);
        return 0;
    case ["ingest", .. var rest]:
        var steps = rest is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 60_000;
        Console.Write(await IngestComparison.RunAsync(rounds: 5, layers: 100, steps));
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: ingest [steps]");
        return 2;
}
