using System.Globalization;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>"scale ..." of this program.</summary>
internal static class ScaleCommand
{
    public const string Usage = "scale nodes STEPS [rounds] | scale runs young|old SECONDS STEPS/s-AT-LEAST RUNS ... | scale plan NODE-µs/step POSTGRES-µs/step KIB/run | scale plot TABLE FOLDER";

    public static async Task<int> RunAsync(string[] arguments)
    {
        switch (arguments)
        {
            case ["runs", var age, var seconds, var rate, .. var counts] when age is "young" or "old":
                await RunsScale.RunAsync(Console.Out, [.. counts.Select(Number)], Number(rate), Number(seconds), age == "young");
                return 0;
            case ["nodes", var steps, .. var rounds]:
                await NodesComparison.RunAsync(Console.Out, rounds is [var many] ? Number(many) : 5, Number(steps));
                return 0;
            case ["plan", var node, var postgres, var kib]:
                Console.Write(PlanReport.Run(Real(node), Real(postgres), Real(kib)));
                return 0;
            case ["plot", var table, var folder]:
                RunsPlot.Draw(table, folder);
                return 0;
            default:
                await Console.Error.WriteLineAsync("usage: " + Usage);
                return 2;
        }
    }

    private static double Real(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
