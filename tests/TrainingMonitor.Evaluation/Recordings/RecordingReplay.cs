using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Plays a recording through the estimators and detectors, as the run actor does with a live stream.</summary>
internal sealed class RecordingReplay(Recording recording)
{
    private static readonly LayerStatistic[] Statistics = Enum.GetValues<LayerStatistic>();
    private static readonly StepValue[] Values = Enum.GetValues<StepValue>();

    /// <summary>Called after each step and probe, with the analysis and the step.</summary>
    public delegate void Observer(RunAnalysis analysis, long step);

    /// <summary>Trainer's clock in replays: a millisecond a step.</summary>
    public static long TimeOf(long step) => 1_000_000 * (step + 1);

    /// <summary>Plays the whole recording. Detectors cannot see held-out values: they are left out.</summary>
    public void Run(Observer observer)
    {
        var analysis = new RunAnalysis(recording.Header.Configuration);
        analysis.SetLayers(recording.Header.Layers);
        analysis.BeginSegment(0, 0, TimeOf(-1));
        var input = new StepInput();
        var probe = 0;
        for (var i = 0; i < recording.Steps.Length; i++)
        {
            Fill(input, i);
            analysis.Apply(input);
            observer(analysis, input.Step);
            for (; probe < recording.Probes.Length && (i + 1 == recording.Steps.Length || recording.Probes[probe].Step < recording.Steps[i + 1]); probe++)
            {
                analysis.ApplyProbe(recording.Probes[probe]);
                observer(analysis, recording.Probes[probe].Step);
            }
        }

        analysis.End(TimeOf(recording.Steps.Length == 0 ? 0 : recording.Steps[^1]));
        observer(analysis, recording.Steps.Length == 0 ? 0 : recording.Steps[^1]);
    }

    /// <summary>Fills a step as it was streamed.</summary>
    public void Fill(StepInput input, int index)
    {
        var layers = recording.Header.Layers.Length;
        input.Reset(layers);
        input.Step = recording.Steps[index];
        input.TimeUnixNs = TimeOf(input.Step);
        input.BatchSize = Whole(TrackName.BatchSize, index);
        input.UnitCount = Whole(TrackName.UnitCount, index);
        input.Flags = (StepFlags)Whole(TrackName.Flags, index);
        input.NonFiniteValues = (uint)Whole(TrackName.NonFiniteValues, index);
        foreach (var value in Values)
        {
            if (value is not (StepValue.HeldOutLoss or StepValue.HeldOutAccuracy) && recording.Tracks.TryGetValue(TrackName.Of(value), out var track))
            {
                input[value] = track[index];
                input.NonFiniteValues |= double.IsInfinity(track[index]) ? 1u << (int)value : 0;
            }
        }

        if (recording.Tracks.TryGetValue(TrackName.Lag[0], out var counts) && counts[index] > 0)
        {
            var v = Array.ConvertAll(TrackName.Lag, name => recording.Tracks.TryGetValue(name, out var t) && !double.IsNaN(t[index]) ? t[index] : 0);
            input.HasLag = true;
            input.Lag = new LagSums(v[0], v[1], v[2], v[3], v[4], v[5]);
        }

        ClockTracks.Read(recording.Tracks, input, index);
        foreach (var statistic in Statistics)
        {
            FillColumn(input, statistic, layers, index);
        }
    }

    private void FillColumn(StepInput input, LayerStatistic statistic, int layers, int index)
    {
        Span<double> column = default;
        for (var layer = 0; layer < layers; layer++)
        {
            if (!recording.Tracks.TryGetValue(TrackName.Of(statistic, layer), out var track) || double.IsNaN(track[index]))
            {
                continue;
            }

            if (column.IsEmpty)
            {
                column = input.AddColumn(statistic);
                column.Fill(double.NaN);
            }

            column[layer] = track[index];
        }
    }

    private long Whole(string name, int index) => recording.Tracks.TryGetValue(name, out var track) && !double.IsNaN(track[index]) ? (long)track[index] : 0;
}
