using System.Globalization;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Detection.Memorization;

/// <summary>Memorization onset: training loss falls while examples outside the batch are harmed, in nats, by a sequential test
/// (<see cref="FreshGainTest"/>) and a material threshold (<see cref="MemorizationBalance"/>). Never the ratio τ or the level of γ,
/// whose signs healthy runs share.</summary>
public sealed class MemorizationDetector : Detector
{
    /// <summary>What is the same in every finding.</summary>
    public static readonly AlertRule Rule = new(
        DetectionRule.MemorizationOnset,
        FindingSeverity.Warning,
        "fresh_gain",
        "average run length at least 10000 readings while fresh examples are not harmed on average (e-detector; the promise is about this statistic, its link to held-out loss is measured, not proven)",
        "Look at held-out examples if you have any. Stop early or go back to a checkpoint near the onset step, add regularization or data, or clean the labels.");

    // Steps without one usable reading, and share of the loss that fell meanwhile, before the detector says that it cannot tell.
    private const int BlindSteps = 200;
    private const double BlindDrop = 0.1;

    private readonly AlertLifecycle alert = new(Rule);
    private readonly FreshGainStream stream = new();
    private readonly FreshGainTest test = new();
    private readonly MemorizationBalance balance = new();
    private readonly MissingForMemorization missing = new();
    private long firstStep = -1;
    private long blindSteps;
    private bool isFit;

    /// <summary>Where the detector stands; not part of its state.</summary>
    public MemorizationReading Reading { get; private set; }

    /// <inheritdoc/>
    public override void Apply(in DetectorContext context, FindingSink sink)
    {
        var configuration = context.Configuration;
        missing.Look(context.Input);
        balance.AddLoss(context[RunSeries.Loss], configuration);
        balance.AddLooRatio(context[RunSeries.LooRatio]);
        firstStep = firstStep < 0 ? context.Step : firstStep;
        Reading = MemorizationReading.None with { Evidence = test.Evidence, Material = balance.Material };
        if (configuration.Sampling is SamplingScheme.Streaming)
        {
            // One pass: every example is fresh, the training loss is a held-out loss.
            return;
        }

        if (IsFullBatch(configuration))
        {
            SayBlind(context, sink);
            return;
        }

        var complete = stream.TryAdd(context, out var gain, out var steps);
        test.AddLayers(context.Transfer, context.LayerPairs, stream.IsCutByBatch, complete);
        if (!complete)
        {
            SayBlind(context, sink);
            return;
        }

        blindSteps = -1;
        var began = test.Add(gain, stream.Controls, context.Step);
        balance.AddGain(test.Gain, steps, configuration);
        if (alert.IsPending && !isFit && balance.IsTrusted)
        {
            alert.Close(context, sink, "The statistics that memorization is judged by have come, and agree with the training loss.");
        }

        if (began)
        {
            balance.Restart();
        }

        Reading = new MemorizationReading(test.Standard, test.Evidence, balance.Material);
        if (alert.IsFiring)
        {
            ResolveIfRecovered(context, sink);
        }
        else if (test.Crossed && balance.IsMaterial)
        {
            test.RestartRecovery();
            alert.Fire(context, sink, Evidence(context), test.OnsetStep);
        }
        else
        {
            SayFit(context, sink);
            SayDoubtful(context, sink);
        }
    }

    /// <inheritdoc/>
    public override void SetLayers(ReadOnlySpan<int> previousIndex) => test.SetLayers(previousIndex);

    /// <inheritdoc/>
    public override void BeginSegment(in DetectorContext context, FindingSink sink)
    {
        alert.Close(context, sink, "A new segment began: memorization is judged afresh.");
        stream.Reset();
        test.Reset(-1);
        balance.BeginSegment();
        firstStep = -1;
        blindSteps = 0;
        isFit = false;
    }

    /// <inheritdoc/>
    public override void End(in DetectorContext context, FindingSink sink)
    {
        if (alert.IsPending)
        {
            alert.Close(context, sink, "The run ended before memorization could be judged.");
        }
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        alert.Save(writer);
        stream.Save(writer);
        test.Save(writer);
        balance.Save(writer);
        missing.Save(writer);
        writer.Write(firstStep);
        writer.Write(blindSteps);
        writer.Write(isFit);
    }

    /// <inheritdoc/>
    public override void Load(ref StateReader reader)
    {
        alert.Load(ref reader);
        stream.Load(ref reader);
        test.Load(ref reader);
        balance.Load(ref reader);
        missing.Load(ref reader);
        firstStep = reader.ReadInt64();
        blindSteps = reader.ReadInt64();
        isFit = reader.ReadBoolean();
    }

    // No example is outside the batch, and no next batch is fresh.
    private static bool IsFullBatch(RunConfiguration configuration) =>
        configuration.Sampling is SamplingScheme.FullBatch || (configuration.DatasetSize > 0 && configuration.BatchSize >= configuration.DatasetSize);

    private void SayBlind(in DetectorContext context, FindingSink sink)
    {
        if (blindSteps < 0 || ++blindSteps < BlindSteps || alert.IsOpen || !(balance.Loss < (1 - BlindDrop) * balance.StartLoss))
        {
            return;
        }

        var full = IsFullBatch(context.Configuration);
        IReadOnlyList<string> absent = full ? [] : missing.List(context.Configuration);
        var what = full ? "every step sees the whole training set, so no example is outside the batch; train in batches, or watch ρ and held-out examples"
            : absent.Count == 0 ? "no usable pair of steps came"
            : $"{string.Join(", ", absent)} did not come";
        var evidence = new AlertEvidence(double.NaN, double.NaN, firstStep, $"Whether this run memorizes cannot be told: {what}.") { Missing = absent };
        alert.Pend(context, sink, evidence, firstStep);
    }

    // A run that has fit and does no harm of note: what may come is too small to be seen in its gradients, and a person should not take silence for health.
    private void SayFit(in DetectorContext context, FindingSink sink)
    {
        if (isFit && balance.IsUnfitAgain)
        {
            isFit = false;
            if (alert.IsPending)
            {
                alert.Close(context, sink, "The training loss has risen again: memorization can be judged.");
            }
        }
        else if (!isFit && balance.IsFit && !alert.IsOpen)
        {
            isFit = true;
            var summary = string.Create(
                CultureInfo.InvariantCulture,
                $"From here on it cannot be told whether this run memorizes: the training loss is {balance.Loss:0.#####} nats, {balance.Loss / balance.StartLoss:0.#%} of its start, and changes of held-out loss of that size do not show in the gradients. Held-out examples, canaries or sentinels would tell.");
            alert.Pend(context, sink, new AlertEvidence(balance.Loss, MemorizationBalance.FitShare * balance.StartLoss, context.Step, summary), context.Step);
        }
    }

    private void SayDoubtful(in DetectorContext context, FindingSink sink)
    {
        if (!balance.IsDoubtful || alert.IsOpen)
        {
            return;
        }

        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"Whether this run memorizes cannot be told: by the gradients of successive batches the last updates gained {balance.Credited:0.###} nats on examples outside the batch, but training loss fell by {balance.Fallen:0.###}. The steps are too large to be judged by them. Held-out examples, canaries or sentinels would tell, or a smaller learning rate.");
        alert.Pend(context, sink, new AlertEvidence(balance.Credited, Math.Max(0, balance.Fallen) + (MemorizationBalance.DoubtShare * balance.StartLoss), context.Step, summary), context.Step);
    }

    private void ResolveIfRecovered(in DetectorContext context, FindingSink sink)
    {
        if (test.Recovered)
        {
            var summary = string.Create(
                CultureInfo.InvariantCulture, $"Since about step {alert.SinceStep} training harmed examples outside the batch; now it helps them again.");
            alert.Resolve(context, sink, new AlertEvidence(balance.FreshGain, -balance.MaterialNats, alert.SinceStep, summary));
            test.Restart(context.Step);
            balance.Restart();
        }
    }

    private AlertEvidence Evidence(in DetectorContext context)
    {
        var harm = -balance.FreshGain;
        var where = test.StrongestLayer >= 0 ? $", most of it in layer {context.LayerNames[test.StrongestLayer]}" : "";
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"Since about step {test.OnsetStep} training loss fell by {balance.TrainDrop:0.###} nats to {balance.Loss:0.###} while examples outside the batch lost {harm:0.###} nats (more than {balance.MaterialNats:0.###}; evidence {test.Evidence:0.#} of {Math.Log(FreshGainTest.AverageRunLength):0.#} nats{where}): memorization has begun.");
        return new AlertEvidence(balance.FreshGain, -balance.MaterialNats, test.OnsetStep, summary)
        {
            Missing = missing.List(context.Configuration),
            Values = new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["onset_step"] = test.OnsetStep,
                ["fresh_gain_nats"] = balance.FreshGain,
                ["train_drop_nats"] = balance.TrainDrop,
                ["memorized_nats"] = balance.TrainDrop - balance.FreshGain,
                ["evidence_nats"] = test.Evidence,
                ["evidence_threshold_nats"] = Math.Log(FreshGainTest.AverageRunLength),
                ["lag_corrected"] = context.Transfer.LagCorrected ? 1 : 0,
            },
        };
    }
}
