using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Training;
using TrainingMonitor.Protocol.V1;
using static System.FormattableString;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TrainingMonitor.Evaluation.Training.ModularOperation;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>The runs of the grokking suite: modular arithmetic that generalizes late, and runs that never do. Development and held-back cells differ in
/// modulus, operation, share, decay and learning rate.</summary>
internal static class GrokkingSuite
{
    /// <summary>Name of the suite.</summary>
    public const string Name = "grokking";

    private const int EvaluationInterval = 10;
    private const int ExactInterval = 5;
    private const int ExtraInterval = 5;
    private const int FullBatchSteps = 1000;
    private const int MinibatchSteps = 2000;
    private const int TransformerSteps = 2500;
    private const int Width = 200;
    private const double TooMuchDecay = 10;
    private const double TooSmallShare = 0.25;

    /// <summary>All runs, seed by seed.</summary>
    public static IEnumerable<RecordingPlan> Plans() =>
        from cell in Cells()
        from seed in Enumerable.Range(0, cell.Seeds)
        orderby seed
        select new RecordingPlan(Name, cell.Name, seed, cell.HeldBack, cell.Training.Run);

    /// <summary>All configurations. Many development cells of few seeds: forecasts must hold for configurations that were not seen.</summary>
    public static IEnumerable<GrokkingCell> Cells() => [.. DevelopmentPositives(), .. DevelopmentNegatives(), .. HeldBackPositives(), .. HeldBackNegatives()];

    private static IEnumerable<GrokkingCell> DevelopmentPositives() =>
    [
        Cell(false, 3, Task(Addition, 47, 0.6), 0.01, 2),
        Cell(false, 3, Task(Multiplication, 47, 0.6), 0.01, 2),
        Cell(false, 3, Task(Multiplication, 47, 0.7), 0.005, 2),
        Cell(false, 3, Task(Division, 47, 0.6), 0.005, 2),
        Cell(false, 3, Task(Division, 47, 0.7), 0.01, 1),
        Cell(false, 3, Task(Addition, 47, 0.7), 0.01, 3),
        Cell(false, 3, Task(Addition, 59, 0.5), 0.01, 2),
        Cell(false, 3, Task(Addition, 59, 0.6), 0.005, 3),
        Cell(false, 3, Task(Multiplication, 59, 0.5), 0.01, 3),
        Cell(false, 3, Task(Division, 59, 0.6), 0.01, 2),
        Cell(false, 3, Task(Addition, 47, 0.6), 0.01, 1.5, width: 300),
        Cell(false, 1, Task(Addition, 97, 0.5), 0.01, 2, steps: 600),
        Cell(false, 3, Task(Addition, 59, 0.6), 0.01, 2, batch: 522, steps: MinibatchSteps),
        Cell(false, 3, Task(Multiplication, 47, 0.6), 0.01, 2, batch: 265, steps: MinibatchSteps),
        Transformer(false, 2, 59, 0.4, 0.003, 1),
    ];

    private static IEnumerable<GrokkingCell> DevelopmentNegatives() =>
    [
        Cell(false, 2, Task(Addition, 59, 0.5), 0.01, 0),
        Cell(false, 2, Task(Multiplication, 47, 0.6), 0.005, 0),
        Cell(false, 2, Task(Multiplication, 47, 0.6) with { RandomLabels = true }, 0.01, 2),
        Cell(false, 2, Task(Addition, 47, 0.5) with { RandomLabels = true }, 0.005, 0.5),
        Cell(false, 2, Task(Addition, 59, 0.5) with { RandomLabels = true }, 0.01, 3),
        Cell(false, 2, Task(Addition, 59, 0.15), 0.01, 2),
        Cell(false, 2, Task(Multiplication, 47, 0.2), 0.01, 2),
        Cell(false, 2, Task(Multiplication, 59, 0.5), 0.01, 20, steps: 500),
        Cell(false, 2, Task(Division, 47, 0.5), 0.002, 0.5, steps: 500, cut: true),
        Cell(false, 2, Task(Addition, 59, 0.5), 0.01, 0, batch: 435, steps: MinibatchSteps),
        Cell(false, 2, Task(Multiplication, 47, 0.6) with { RandomLabels = true }, 0.01, 2, batch: 265, steps: MinibatchSteps),
        Transformer(false, 1, 59, 0.4, 0.003, 1, randomLabels: true),
    ];

    private static IEnumerable<GrokkingCell> HeldBackPositives() =>
    [
        Cell(true, 8, Task(Addition, 59, 0.6), 0.01, 3),
        Cell(true, 8, Task(Multiplication, 59, 0.6), 0.01, 1.5),
        Cell(true, 8, Task(Division, 47, 0.7), 0.005, 3),
        Cell(true, 8, Task(Multiplication, 47, 0.6), 0.007, 3),
        Cell(true, 8, Task(Addition, 47, 0.7), 0.005, 2),
        Cell(true, 8, Task(Addition, 47, 0.8), 0.007, 1),
        Cell(true, 8, Task(Division, 59, 0.5), 0.01, 3, width: 300),
        Cell(true, 3, Task(Multiplication, 97, 0.6), 0.01, 2, steps: 500),
        Cell(true, 2, Task(Addition, 113, 0.5), 0.01, 2, steps: 500),
        Cell(true, 5, Task(Multiplication, 59, 0.6), 0.01, 2, batch: 522, steps: MinibatchSteps),
        Cell(true, 5, Task(Addition, 47, 0.8), 0.01, 2, batch: 589, steps: MinibatchSteps),
        Transformer(true, 3, 59, 0.45, 0.003, 1),
    ];

    private static IEnumerable<GrokkingCell> HeldBackNegatives() =>
    [
        Cell(true, 5, Task(Multiplication, 59, 0.6), 0.005, 0),
        Cell(true, 5, Task(Division, 47, 0.6), 0.01, 0),
        Cell(true, 5, Task(Addition, 59, 0.4) with { RandomLabels = true }, 0.01, 2),
        Cell(true, 5, Task(Division, 47, 0.6) with { RandomLabels = true }, 0.003, 1),
        Cell(true, 5, Task(Multiplication, 47, 0.7) with { RandomLabels = true }, 0.005, 3),
        Cell(true, 5, Task(Division, 47, 0.2), 0.005, 2),
        Cell(true, 5, Task(Addition, 47, 0.25), 0.01, 1),
        Cell(true, 3, Task(Addition, 97, 0.1), 0.01, 2, steps: 600),
        Cell(true, 4, Task(Division, 59, 0.5), 0.01, 30, steps: 500),
        Cell(true, 5, Task(Addition, 59, 0.35), 0.002, 0.5, steps: 500, cut: true),
        Cell(true, 3, Task(Multiplication, 59, 0.6), 0.01, 0, batch: 522, steps: MinibatchSteps),
        Cell(true, 3, Task(Addition, 47, 0.64) with { RandomLabels = true }, 0.005, 2, batch: 471, steps: MinibatchSteps),
        Transformer(true, 2, 59, 0.45, 0.003, 1, randomLabels: true),
    ];

    private static ModularTask Task(ModularOperation operation, int modulus, double share) => new() { Operation = operation, Modulus = modulus, TrainShare = share };

    private static GrokkingCell Cell(bool heldBack, int seeds, ModularTask task, double rate, double decay, int batch = 0, int steps = FullBatchSteps, int width = Width, bool cut = false) => new(
        NameOf(task, width == Width ? "mlp" : Invariant($"mlp{width}"), rate, decay, batch, cut ? steps : 0), KindOf(task, decay, cut), seeds, heldBack, new SupervisedTraining
        {
            Data = task.Make,
            Network = () => Networks.Shallow(2 * task.Modulus, width, task.Modulus),
            Optimizer = AdamW(rate, decay),
            BatchSize = batch > 0 ? batch : task.TrainExamples,
            Sampling = batch > 0 ? SamplingScheme.Shuffled : SamplingScheme.FullBatch,
            Steps = steps,
            EvaluationInterval = EvaluationInterval,
            ExactInterval = batch > 0 ? 2 : ExactInterval,
            SlowInterval = batch > 0 ? EvaluationInterval : ExactInterval,
            Ends = HasGeneralized,
            ExtraInterval = ExtraInterval,
        });

    private static GrokkingCell Transformer(bool heldBack, int seeds, int modulus, double share, double rate, double decay, bool randomLabels = false)
    {
        var task = Task(ModularOperation.Addition, modulus, share) with { AsTokens = true, RandomLabels = randomLabels };
        return new GrokkingCell(NameOf(task, "transformer", rate, decay, 512, 0), KindOf(task, decay, cut: false), seeds, heldBack, new SupervisedTraining
        {
            Data = task.Make,
            Network = () => Networks.SmallTransformer(modulus, 64),
            Optimizer = AdamW(rate, decay),
            BatchSize = 512,
            Sampling = SamplingScheme.Shuffled,
            Steps = TransformerSteps,
            EvaluationInterval = EvaluationInterval,
            ExactInterval = ExactInterval,
            SlowInterval = EvaluationInterval,
            Ends = HasGeneralized,
            ExtraBaselines = false,
        });
    }

    private static GrokkingKind KindOf(ModularTask task, double decay, bool cut) => task switch
    {
        { RandomLabels: true } => GrokkingKind.RandomLabels,
        _ when decay <= 0 => GrokkingKind.NoDecay,
        _ when decay >= TooMuchDecay => GrokkingKind.TooMuchDecay,
        { TrainShare: <= TooSmallShare } => GrokkingKind.TooFewPairs,
        _ => cut ? GrokkingKind.CutOff : GrokkingKind.Generalizes,
    };

    // Half as long again as it took: forecasts are scored on what came before, alarms after it are late anyway.
    private static bool HasGeneralized(RecordingSession session, int step)
    {
        var curve = session.Curves.ToCurves()[CurveName.AccuracyOf(CurveName.HeldOut)];
        var first = Array.FindIndex(curve.Values, value => value >= GrokkingTruth.Generalized);
        return first >= 0 && curve.Count - first >= 5 && curve.Values[^3..].All(value => value >= GrokkingTruth.Generalized) && step >= 1.2 * curve.Steps[first];
    }

    private static string NameOf(ModularTask task, string network, double rate, double decay, int batch, int cut) => Invariant(
        $"{task.Operation.ToString().ToLowerInvariant()}{task.Modulus}-{network}-share{100 * task.TrainShare:0}{(task.RandomLabels ? "-random" : "")}-lr{rate}-wd{decay}{(batch > 0 ? $"-b{batch}" : "")}{(cut > 0 ? $"-cut{cut}" : "")}");

    private static Func<IEnumerable<Parameter>, Optimizer> AdamW(double rate, double decay) =>
        parameters => optim.AdamW(parameters, lr: rate, beta1: 0.9, beta2: 0.98, weight_decay: decay);
}
