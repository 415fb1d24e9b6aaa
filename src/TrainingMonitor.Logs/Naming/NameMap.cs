namespace TrainingMonitor.Logs.Naming;

/// <summary>From the names of logs to what the monitor knows. One name each: the first that is seen, or the one a person gave; others stay what they are.</summary>
public sealed class NameMap
{
    private static readonly Dictionary<string, Known> Usual = new(StringComparer.Ordinal)
    {
        ["loss"] = Known.Loss, ["lm_loss"] = Known.Loss, ["training_loss"] = Known.Loss, ["train_loss"] = Known.Loss, ["train/loss"] = Known.Loss, ["training/loss"] = Known.Loss,
        ["train/lm_loss"] = Known.Loss, ["loss/train"] = Known.Loss, ["train_loss_step"] = Known.Loss, ["train/loss_step"] = Known.Loss, ["train.loss"] = Known.Loss, ["lm_loss_training"] = Known.Loss,
        ["loss_metrics/global_avg_loss"] = Known.Loss, ["train/cross_entropy"] = Known.Loss, ["train/cross_entropy_loss"] = Known.Loss, ["batch_loss"] = Known.Loss, ["total_loss"] = Known.Loss,
        ["lr"] = Known.LearningRate, ["learning_rate"] = Known.LearningRate, ["train/lr"] = Known.LearningRate, ["train/learning_rate"] = Known.LearningRate,
        ["training/learning_rate"] = Known.LearningRate, ["optim/learning_rate_group0"] = Known.LearningRate, ["optim/lr"] = Known.LearningRate, ["lr/group0"] = Known.LearningRate,
        ["grad_norm"] = Known.GradNorm, ["gradient_norm"] = Known.GradNorm, ["gnorm"] = Known.GradNorm, ["train/grad_norm"] = Known.GradNorm, ["train/gradient_norm"] = Known.GradNorm,
        ["training/grad_norm"] = Known.GradNorm, ["total_norm"] = Known.GradNorm, ["optim/total_grad_norm"] = Known.GradNorm, ["global_grad_norm"] = Known.GradNorm, ["train/global_grad_norm"] = Known.GradNorm,
        ["accuracy"] = Known.Accuracy, ["acc"] = Known.Accuracy, ["train_acc"] = Known.Accuracy, ["train_accuracy"] = Known.Accuracy, ["train/acc"] = Known.Accuracy, ["train/accuracy"] = Known.Accuracy,
        ["tokens_per_step"] = Known.Tokens, ["batch_tokens"] = Known.Tokens, ["tokens_per_batch"] = Known.Tokens,
        ["step_time"] = Known.StepSeconds, ["step_seconds"] = Known.StepSeconds, ["time_per_step"] = Known.StepSeconds, ["time_per_iteration"] = Known.StepSeconds, ["iteration_time"] = Known.StepSeconds,
        ["time/step"] = Known.StepSeconds, ["time_metrics/end_to_end(s)"] = Known.StepSeconds, ["elapsed_time_per_iteration_(s)"] = Known.StepSeconds, ["step_time_s"] = Known.StepSeconds,
        ["time_per_iteration_ms"] = Known.StepMilliseconds, ["elapsed_time_per_iteration_(ms)"] = Known.StepMilliseconds, ["step_time_ms"] = Known.StepMilliseconds, ["iteration_time_ms"] = Known.StepMilliseconds,
        ["epoch"] = Known.Epoch, ["train/epoch"] = Known.Epoch,
        ["consumed_samples"] = Known.Samples,
    };

    private static readonly string[] HeldOutParts = ["eval", "val", "valid", "validation", "test", "dev", "heldout", "held_out"];

    private readonly Dictionary<string, Known> given;
    private readonly Dictionary<string, Known> answers = new(StringComparer.Ordinal);
    private readonly HashSet<Known> taken;

    /// <summary>Makes a map.</summary>
    /// <param name="given">Names a person decided about.</param>
    public NameMap(IReadOnlyDictionary<string, Known>? given = null)
    {
        this.given = new(given ?? new Dictionary<string, Known>(StringComparer.Ordinal), StringComparer.Ordinal);
        taken = [.. this.given.Values];
        taken.Remove(Known.None);
    }

    /// <summary>Which name each known number came under.</summary>
    public IReadOnlyDictionary<string, Known> Answers => answers;

    /// <summary>What a name means.</summary>
    public Known Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (answers.TryGetValue(name, out var known))
        {
            return known;
        }

        // Logs invent names without end only where something is wrong with them.
        if (answers.Count > 100_000)
        {
            return Known.None;
        }

        if (!given.TryGetValue(name, out known))
        {
            known = Guess(name);
            known = known != Known.None && taken.Add(known) ? known : Known.None;
        }

        answers[name] = known;
        return known;
    }

    private static Known Guess(string name)
    {
        var plain = name.Trim().ToLowerInvariant().Replace(' ', '_').Replace('-', '_');
        return Usual.TryGetValue(plain, out var known) ? known : HeldOut(plain);
    }

    // "eval/loss", "val_loss", "validation/accuracy", "loss/val", "lm_loss_validation".
    private static Known HeldOut(string plain)
    {
        foreach (var part in HeldOutParts)
        {
            foreach (var (what, known) in (ReadOnlySpan<(string, Known)>)[("lm_loss", Known.HeldOutLoss), ("loss", Known.HeldOutLoss), ("accuracy", Known.HeldOutAccuracy), ("acc", Known.HeldOutAccuracy)])
            {
                if (plain == $"{part}/{what}" || plain == $"{part}_{what}" || plain == $"{part}.{what}" || plain == $"{what}/{part}" || plain == $"{what}_{part}")
                {
                    return known;
                }
            }
        }

        return Known.None;
    }
}
