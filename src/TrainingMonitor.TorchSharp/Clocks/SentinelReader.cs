using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Probes;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Clocks;

/// <summary>Looks at the loss of the withheld examples, without a trace, and compares the fresh ones with the evaluation at which they were lowest.</summary>
internal sealed class SentinelReader(nn.Module model, IEnumerable<Tensor> parameters, Sentinels sentinels, long interval)
{
    private readonly Tensor[] parameters = [.. parameters];
    private Dictionary<long, double> reference = [];
    private ulong referenceStep;
    private (long[] Fresh, long[] Seen) withheld;
    private long turn = -1;

    /// <summary>Whether the weights before this step are to be looked at.</summary>
    public bool IsDue(long step) => step % interval == 0;

    /// <summary>Looks at them. Layer hooks must be asleep.</summary>
    public SentinelSums? Read(long step)
    {
        if (turn != sentinels.Turn)
        {
            (turn, withheld) = (sentinels.Turn, sentinels.Withheld());
        }

        if (withheld.Fresh.Length + withheld.Seen.Length == 0)
        {
            return null;
        }

        double[] fresh, seen;
        using (new NoTrace(model, parameters))
        {
            model.eval();
            (fresh, seen) = (Losses(withheld.Fresh), Losses(withheld.Seen));
        }

        var sums = new SentinelSums { UnseenEpochs = (uint)sentinels.UnseenEpochs };
        (sums.FreshCount, sums.FreshSumLoss, sums.FreshSumLossSq) = Sum(fresh);
        (sums.SeenCount, sums.SeenSumLoss, sums.SeenSumLossSq) = Sum(seen);
        Compare(sums, fresh, (ulong)step);
        return sums;
    }

    private void Compare(SentinelSums sums, double[] fresh, ulong step)
    {
        var rises = new List<double>(fresh.Length);
        for (var i = 0; i < fresh.Length; i++)
        {
            if (reference.TryGetValue(withheld.Fresh[i], out var before))
            {
                rises.Add(fresh[i] - before);
            }
        }

        sums.ReferenceStep = referenceStep;
        (sums.PairedCount, sums.SumRise, sums.SumRiseSq) = Sum([.. rises]);
        if (fresh.Length > 0 && (reference.Count == 0 || sums.SumRise <= 0))
        {
            reference = withheld.Fresh.Zip(fresh).ToDictionary(pair => pair.First, pair => pair.Second);
            referenceStep = step;
            sums.ReferenceStep = rises.Count == 0 ? step : sums.ReferenceStep;
        }
    }

    private double[] Losses(long[] ids)
    {
        using var quiet = no_grad();
        var values = new List<double>(ids.Length);
        foreach (var chunk in ids.Chunk(sentinels.Options.ChunkSize))
        {
            using var scope = NewDisposeScope();
            var losses = sentinels.Losses(chunk);
            if (losses.numel() != chunk.Length)
            {
                throw new InvalidOperationException($"{losses.numel()} losses for {chunk.Length} sentinels: one an example is wanted, without reduction");
            }

            values.AddRange(losses.detach().to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray());
        }

        return [.. values];
    }

    private static (uint Count, double Sum, double SumSq) Sum(double[] values) => ((uint)values.Length, values.Sum(), values.Sum(v => v * v));
}
