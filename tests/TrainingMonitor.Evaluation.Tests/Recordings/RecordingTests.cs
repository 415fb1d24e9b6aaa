using TorchSharp;
using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;

namespace TrainingMonitor.Evaluation.Tests.Recordings;

public sealed class RecordingTests
{
    [Fact]
    public void A_recorded_run_reads_back_and_replays_as_it_was_streamed()
    {
        var recording = Record(SmallTraining());
        var folder = Directory.CreateTempSubdirectory("trainmon-recording-");
        var path = Path.Combine(folder.FullName, "memorization", "cell", "0.tmrec");
        try
        {
            RecordingFile.Write(path, recording);

            var read = RecordingFile.Read(path);

            read.Steps.ShouldBe(recording.Steps);
            read.Header.Configuration.ShouldBe(recording.Header.Configuration);
            read.Curves.Keys.ShouldBe(recording.Curves.Keys, ignoreOrder: true);
            var before = LossAndNats(recording);
            var after = LossAndNats(read);
            after.Count.ShouldBe(before.Count);
            after.Zip(before).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) <= 1e-3 * Math.Max(1, Math.Abs(pair.Second)));
            before.ShouldContain(value => value > 0);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Recording_the_truth_leaves_no_trace_in_the_run()
    {
        var often = Record(SmallTraining() with { EvaluationInterval = 1 });
        var seldom = Record(SmallTraining() with { EvaluationInterval = 30, ExtraBaselines = false });

        often.Tracks[TrackName.Of(StepValue.Loss)].ShouldBe(seldom.Tracks[TrackName.Of(StepValue.Loss)]);
        often.Curves[CurveName.LossOf(CurveName.HeldOut)].Count.ShouldBeGreaterThan(seldom.Curves[CurveName.LossOf(CurveName.HeldOut)].Count);
    }

    [Fact]
    public void Detectors_do_not_see_held_out_values()
    {
        var recording = Record(SmallTraining());
        var input = new StepInput();

        new RecordingReplay(recording).Fill(input, 0);

        input[StepValue.HeldOutLoss].ShouldBe(double.NaN);
        input[StepValue.Loss].ShouldBeGreaterThan(0);
        input.HasLag.ShouldBeFalse("there is no pair before the first step");
    }

    private static SupervisedTraining SmallTraining() => new()
    {
        Data = seed => Tasks.Sequences(60, 0.3, seed),
        Network = Networks.SequenceNetwork,
        Optimizer = parameters => torch.optim.Adam(parameters, lr: 1e-3),
        BatchSize = 20,
        Sampling = Protocol.V1.SamplingScheme.Shuffled,
        Steps = 40,
    };

    private static Recording Record(SupervisedTraining training)
    {
        torch.random.manual_seed(5);
        var session = new RecordingSession(3);
        using var scope = torch.NewDisposeScope();
        training.Run(session);
        return session.Sink.ToRecording(new RecordingPlan("memorization", "cell", 3, HeldBack: false, training.Run), session.Curves, session.Facts);
    }

    private static List<double> LossAndNats(Recording recording)
    {
        var values = new List<double>();
        new RecordingReplay(recording).Run((RunAnalysis analysis, long _) =>
        {
            foreach (var series in (RunSeries[])[RunSeries.Loss, RunSeries.MemorizedNats])
            {
                var value = analysis.RunValues[(int)series];
                values.Add(double.IsNaN(value) ? 0 : value);
            }
        });
        return values;
    }
}
