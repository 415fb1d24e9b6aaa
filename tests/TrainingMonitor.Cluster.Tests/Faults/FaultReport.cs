using System.Globalization;
using TrainingMonitor.Cluster.Tests.Checking;
using TrainingMonitor.Cluster.Tests.Kit;
using TrainingMonitor.Load.Testing.Histories;

namespace TrainingMonitor.Cluster.Tests.Faults;

/// <summary>What was done and found, a line a fault, to the file that TRAINMON_FAULT_REPORT names.</summary>
internal sealed class FaultReport(FaultPlan plan) : IAsyncDisposable
{
    private readonly string? file = Environment.GetEnvironmentVariable("TRAINMON_FAULT_REPORT");
    private readonly DateTime started = DateTime.UtcNow;
    private readonly List<double> failovers = [];
    private int rounds, found;
    private long frames, durable, alerts, connections;

    public async Task AddAsync(Fault fault, TimeSpan took, FaultScene scene, IReadOnlyList<Violation> violations)
    {
        var entries = scene.Loads.SelectMany(load => load.Plans).SelectMany(LoadProcess.Histories).SelectMany(history => history.Entries).ToList();
        var sent = entries.Count(entry => entry.Kind == HistoryKind.Frame);
        if (rounds++ == 0)
        {
            await WriteAsync("| at | fault | seconds | frames sent | alerts heard | connections | restarts of nodes | violations |\n|---|---|---|---|---|---|---|---|\n");
        }

        frames += sent;
        durable += entries.Count(entry => entry.Kind == HistoryKind.Ack);
        var heard = entries.Count(entry => entry.Kind == HistoryKind.Alert);
        alerts += heard;
        var connected = entries.Count(entry => entry.Kind == HistoryKind.Welcome);
        connections += connected;
        found += violations.Count;
        failovers.AddRange(scene.Failovers.Select(time => time.TotalSeconds));
        await WriteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"| {DateTime.UtcNow - started:hh\\:mm\\:ss} | {fault} | {took.TotalSeconds:0} | {sent} | {heard} | {connected} | {scene.Cluster.Nodes.Sum(node => node.Restarts)} | {violations.Count} |\n"));
    }

    public async ValueTask DisposeAsync() => await WriteAsync(string.Create(
        CultureInfo.InvariantCulture,
        $"\nSeed {plan.Seed}: {rounds} faults in {DateTime.UtcNow - started:hh\\:mm\\:ss}, {frames} frames sent, {durable} acks, {alerts} alerts heard by trainers, {connections} connections; {found} violations.\n{Failovers()}"));

    private string Failovers()
    {
        failovers.Sort();
        double At(double part) => failovers[(int)Math.Ceiling(part * failovers.Count) - 1];
        return failovers.Count == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"Failover of {failovers.Count} ranks, from kill -9 of the node until a new frame was durable: p50 {At(0.5):0.0} s, p90 {At(0.9):0.0} s, p99 {At(0.99):0.0} s, longest {failovers[^1]:0.0} s.\n");
    }

    private Task WriteAsync(string text) => file is null ? Task.CompletedTask : File.AppendAllTextAsync(file, text);
}
