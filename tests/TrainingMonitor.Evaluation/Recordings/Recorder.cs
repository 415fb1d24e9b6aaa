using System.Diagnostics;
using TorchSharp;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Records the runs that are not there yet.</summary>
internal sealed class Recorder(RecordingStore store, TextWriter output)
{
    /// <summary>Records until all are there or the time is up; a run that was begun is finished.</summary>
    public void Run(IEnumerable<RecordingPlan> plans, TimeSpan limit)
    {
        var whole = Stopwatch.StartNew();
        var missing = plans.Where(plan => !File.Exists(store.PathOf(plan))).ToList();
        for (var i = 0; i < missing.Count && whole.Elapsed < limit; i++)
        {
            var plan = missing[i];
            var seconds = Record(plan);
            output.WriteLine($"{i + 1}/{missing.Count} {plan.Suite}/{plan.Cell}/{plan.Seed}: {seconds:0.0} s, {new FileInfo(store.PathOf(plan)).Length / 1024.0:0} KiB");
        }
    }

    private double Record(RecordingPlan plan)
    {
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        torch.random.manual_seed(plan.Seed);
        var session = new RecordingSession(plan.Seed);
        using (torch.NewDisposeScope())
        {
            plan.Train(session);
        }

        var seconds = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        session.Facts["processor_seconds"] = Math.Round(seconds, 1);
        RecordingFile.Write(store.PathOf(plan), session.Sink.ToRecording(plan, session.Curves, session.Facts));
        return seconds;
    }
}
