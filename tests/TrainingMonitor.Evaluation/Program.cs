using System.Globalization;
using TorchSharp;
using TrainingMonitor.Evaluation;
using TrainingMonitor.Evaluation.Clocks;
using TrainingMonitor.Evaluation.Grokking;
using TrainingMonitor.Evaluation.Instability;
using TrainingMonitor.Evaluation.Memorization;
using TrainingMonitor.Evaluation.NoiseScale;
using TrainingMonitor.Evaluation.Nulls;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;
using TrainingMonitor.Evaluation.Stability;

// dotnet run -c Release --project tests/TrainingMonitor.Evaluation -- record memorization
switch (args)
{
    case ["record", var suite, .. var rest]:
        var options = RecordOptions.Parse(rest);
        torch.set_num_threads(1);
        var plans = Suites.PlansOf(suite).Where(options.Wants).ToList();
        new Recorder(RecordingStore.OfSources(), Console.Out).Run(plans, options.Limit);
        return 0;
    case ["score", MemorizationSuite.Name]:
        MemorizationReport.Write(RecordingStore.OfSources());
        return 0;
    case ["score", GrokkingSuite.Name]:
        GrokkingReport.Write(RecordingStore.OfSources());
        return 0;
    case ["calibrate", GrokkingSuite.Name]:
        GrokkingCalibration.Print([.. RecordingStore.OfSources().ReadAll(GrokkingSuite.Name).Select(GrokkingRun.Of)], Console.Out);
        return 0;
    case ["score", InstabilitySuite.Name]:
        InstabilityReport.Write();
        return 0;
    case ["score", NullsReport.Name, .. var count]:
        NullsReport.Write(count is [var steps] ? long.Parse(steps, CultureInfo.InvariantCulture) : NullsReport.WholeSteps);
        return 0;
    case ["show", NullsReport.Name, var each, .. var name]:
        var families = NullFamilies.All().Where(family => name is [var part] ? family.Name.Contains(part, StringComparison.Ordinal) : !family.HeldBack);
        foreach (var tally in NullStreams.Play(families, long.Parse(each, CultureInfo.InvariantCulture), (family, seed, alarm) => Console.WriteLine($"{family.Name}/{seed} {alarm.Step}: {alarm.Summary}")))
        {
            Console.WriteLine($"{tally.Family.Name}: {string.Join(", ", tally.Alarms.Select(alarm => $"{alarm.Key} {alarm.Value}"))} in {tally.Steps}");
        }

        return 0;
    case ["show", StabilitySuite.Name]:
        foreach (var recording in RecordingStore.OfSources().ReadAll(StabilitySuite.Name))
        {
            StabilityListing.Write(recording, Console.Out);
        }

        return 0;
    case ["show", var suite]:
        foreach (var recording in RecordingStore.OfSources().ReadAll(suite))
        {
            var truth = suite switch
            {
                GrokkingSuite.Name => GrokkingTruth.Of(recording).ToString(),
                InstabilitySuite.Name => InstabilityTruth.Of(recording).ToString(),
                _ => MemorizationTruth.Of(recording).ToString(),
            };
            var events = RunEvents.Of(recording);
            var texts = events.Findings.Select(f => $"{f.Rule} {f.State} {f.Step}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recording.Header.Cell}/{recording.Header.Seed}: {truth}; {string.Join(", ", texts)}"));
        }

        return 0;
    case ["score", StabilitySuite.Name]:
        StabilityReport.Write();
        return 0;
    case ["score", NoiseScaleReport.Name]:
        NoiseScaleReport.Write();
        return 0;
    case ["score", ClockSuite.Name]:
        ClockReport.Write(RecordingStore.OfSources());
        return 0;
    case ["plans", var suite]:
        foreach (var cell in Suites.PlansOf(suite).GroupBy(plan => plan.Cell))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(cell.First().HeldBack ? "held back  " : "development")} {cell.Count(),3} {cell.Key}"));
        }

        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: record SUITE [--cell TEXT] [--minutes N] [--shard I/N] | score SUITE | calibrate grokking | show SUITE | plans SUITE");
        return 2;
}
