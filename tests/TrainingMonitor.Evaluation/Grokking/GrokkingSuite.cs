using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>The runs of the grokking suite: modular arithmetic that generalizes late, and runs that never do. Development and held-back cells differ in
/// modulus, operation, share, decay and learning rate.</summary>
internal static class GrokkingSuite
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "grokking";

    private const int EvaluationInterval = 10;

    /// <summary>All runs, seed by seed.</summary>
    public static IEnumerable<RecordingPlan> Plans() =>
        from cell in Cells()
        from seed in Enumerable.Range(0, cell.Seeds)
        orderby seed
        select new RecordingPlan(Name, cell.Name, seed, cell.HeldBack, cell.Training.Run);

    /// <summary>All configurations.</summary>
    public static IEnumerable<GrokkingCell> Cells()
    {
        // Development: runs that generalize.
        yield return Cell(false, 6, Task(ModularOperation.Addition, 59, 0.5), 0.01, 2);
        yield return Cell(false, 6, Task(ModularOperation.Addition, 47, 0.5), 0.005, 1);
        yield return Cell(false, 6, Task(ModularOperation.Multiplication, 47, 0.5), 0.01, 2);
        yield return Cell(false, 4, Task(ModularOperation.Division, 59, 0.6), 0.005, 2);
        yield return Cell(false, 4, Task(ModularOperation.Addition, 97, 0.3), 0.01, 3);
        yield return Cell(false, 4, Task(ModularOperation.Addition, 59, 0.5), 0.005, 2, batch: 435);

        // Development: runs that do not.
        yield return Cell(false, 4, Task(ModularOperation.Addition, 59, 0.5), 0.01, 0);
        yield return Cell(false, 4, Task(ModularOperation.Multiplication, 47, 0.5) with { RandomLabels = true }, 0.01, 2);
        yield return Cell(false, 4, Task(ModularOperation.Addition, 47, 0.5) with { RandomLabels = true }, 0.005, 0.5);
        yield return Cell(false, 4, Task(ModularOperation.Addition, 59, 0.15), 0.01, 2);
        yield return Cell(false, 4, Task(ModularOperation.Multiplication, 59, 0.5), 0.01, 20);
        yield return Cell(false, 4, Task(ModularOperation.Division, 47, 0.3), 0.002, 0.5, steps: 600);
        yield return Cell(false, 3, Task(ModularOperation.Addition, 59, 0.5) with { RandomLabels = true }, 0.005, 2, batch: 435);

        // Held back: runs that generalize.
        yield return Cell(true, 10, Task(ModularOperation.Addition, 59, 0.4), 0.01, 3);
        yield return Cell(true, 10, Task(ModularOperation.Multiplication, 59, 0.5), 0.005, 2);
        yield return Cell(true, 10, Task(ModularOperation.Division, 47, 0.5), 0.01, 3);
        yield return Cell(true, 10, Task(ModularOperation.Multiplication, 97, 0.3), 0.01, 2);
        yield return Cell(true, 10, Task(ModularOperation.Addition, 113, 0.3), 0.01, 4);
        yield return Cell(true, 10, Task(ModularOperation.Addition, 47, 0.6), 0.003, 2);
        yield return Cell(true, 6, Task(ModularOperation.Multiplication, 47, 0.6), 0.005, 2, batch: 300);
        yield return Transformer(true, 5, 47, 0.5, 1);

        // Held back: runs that do not.
        yield return Cell(true, 6, Task(ModularOperation.Multiplication, 59, 0.4), 0.005, 0);
        yield return Cell(true, 6, Task(ModularOperation.Addition, 59, 0.4) with { RandomLabels = true }, 0.01, 3);
        yield return Cell(true, 6, Task(ModularOperation.Division, 47, 0.5) with { RandomLabels = true }, 0.003, 1);
        yield return Cell(true, 6, Task(ModularOperation.Multiplication, 47, 0.2), 0.005, 2);
        yield return Cell(true, 4, Task(ModularOperation.Addition, 97, 0.1), 0.01, 2);
        yield return Cell(true, 4, Task(ModularOperation.Division, 59, 0.5), 0.01, 30);
        yield return Cell(true, 6, Task(ModularOperation.Addition, 59, 0.35), 0.002, 0.5, steps: 600);
        yield return Cell(true, 4, Task(ModularOperation.Multiplication, 47, 0.6) with { RandomLabels = true }, 0.005, 2, batch: 300);
        yield return Transformer(true, 3, 47, 0.5, 0);
    }

    private static ModularTask Task(ModularOperation operation, int modulus, double share) => new() { Operation = operation, Modulus = modulus, TrainShare = share };

    private static GrokkingCell Cell(bool heldBack, int seeds, ModularTask task, double rate, double decay, int batch = 0, int steps = 2400)
    {
        return new GrokkingCell(NameOf(task, "mlp", rate, decay, batch, steps), seeds, heldBack, new SupervisedTraining
        {
            Data = task.Make,
            Network = () => Networks.Shallow(2 * task.Modulus, 200, task.Modulus),
            Optimizer = AdamW(rate, decay),
            BatchSize = batch > 0 ? batch : task.TrainExamples,
            Sampling = batch > 0 ? SamplingScheme.Shuffled : SamplingScheme.FullBatch,
            Steps = batch > 0 ? 2 * steps : steps,
            EvaluationInterval = batch > 0 ? 2 * EvaluationInterval : EvaluationInterval,
            ExactInterval = 2,
            Ends = HasGeneralized,
            ExtraBaselines = task.Modulus < 60,
        });
    }

    private static GrokkingCell Transformer(bool heldBack, int seeds, int modulus, double share, double decay)
    {
        var task = Task(ModularOperation.Addition, modulus, share) with { AsTokens = true };
        return new GrokkingCell(NameOf(task, "transformer", 0.001, decay, 512, 4000), seeds, heldBack, new SupervisedTraining
        {
            Data = task.Make,
            Network = () => Networks.SmallTransformer(modulus, 64),
            Optimizer = AdamW(0.001, decay),
            BatchSize = 512,
            Sampling = SamplingScheme.Shuffled,
            Steps = 4000,
            EvaluationInterval = 2 * EvaluationInterval,
            ExactInterval = 4,
            Ends = HasGeneralized,
            ExtraBaselines = false,
        });
    }

    // Half as long again as it took: forecasts are scored on what came before, alarms after it are late anyway.
    private static bool HasGeneralized(RecordingSession session, int step)
    {
        var curve = session.Curves.ToCurves()[CurveName.AccuracyOf(CurveName.HeldOut)];
        var first = Array.FindIndex(curve.Values, value => value >= GrokkingTruth.Generalized);
        return first >= 0 && curve.Count - first >= 5 && curve.Values[^3..].All(value => value >= GrokkingTruth.Generalized) && step >= 1.2 * curve.Steps[first];
    }

    private static string NameOf(ModularTask task, string network, double rate, double decay, int batch, int steps) =>
        FormattableString.Invariant(
            $"{task.Operation.ToString().ToLowerInvariant()}{task.Modulus}-{network}-share{100 * task.TrainShare:0}{(task.RandomLabels ? "-random" : "")}-lr{rate}-wd{decay}{(batch > 0 ? $"-b{batch}" : "")}{(steps < 2400 ? $"-cut{steps}" : "")}");

    private static Func<IEnumerable<Parameter>, Optimizer> AdamW(double rate, double decay) =>
        parameters => optim.AdamW(parameters, lr: rate, beta1: 0.9, beta2: 0.98, weight_decay: decay);
}
