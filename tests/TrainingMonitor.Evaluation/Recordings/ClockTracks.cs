using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.Conversion;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Canaries and sentinels in tracks: NaN where a step has none.</summary>
internal static class ClockTracks
{
    private const int FirstBin = 11;

    /// <summary>Keeps those of a step.</summary>
    public static void Write(TrackBuilder tracks, StepInput input)
    {
        if (input.Canaries is { } c)
        {
            Set(tracks, TrackName.Canaries, [
                c.Choices, c.Canaries, c.Pass, c.SumLoss, c.SumAdvantage, c.SumAdvantageSq, c.SumPull, c.Others, c.OthersSumPull, c.TrainCount, c.TrainSumLoss,
                .. c.RankCounts.Select(n => (double)n),
            ]);
        }

        if (input.Sentinels is { } s)
        {
            Set(tracks, TrackName.Sentinels, [
                s.Fresh.Count, s.Fresh.Sum, s.Fresh.SumSq, s.Seen.Count, s.Seen.Sum, s.Seen.SumSq, s.UnseenEpochs, s.ReferenceStep, s.Rise.Count, s.Rise.Sum, s.Rise.SumSq]);
        }
    }

    /// <summary>Gives them to a step.</summary>
    public static void Read(Dictionary<string, double[]> tracks, StepInput input, int index)
    {
        if (Values(tracks, TrackName.Canaries, index) is { } c)
        {
            input.Canaries = new CanarySums((int)c[0], (long)c[1], (long)c[2], [.. c.Skip(FirstBin).Take(ClockConversion.Bins((long)c[0])).Select(n => (long)n)])
            {
                SumLoss = c[3],
                SumAdvantage = c[4],
                SumAdvantageSq = c[5],
                SumPull = c[6],
                Others = (long)c[7],
                OthersSumPull = c[8],
                TrainCount = (long)c[9],
                TrainSumLoss = c[10],
            };
        }

        if (Values(tracks, TrackName.Sentinels, index) is { } v)
        {
            input.Sentinels = new SentinelSums(new((long)v[0], v[1], v[2]), new((long)v[3], v[4], v[5]), (long)v[6], (long)v[7], new((long)v[8], v[9], v[10]));
        }
    }

    private static void Set(TrackBuilder tracks, string[] names, double[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            tracks.Set(names[i], values[i]);
        }
    }

    // A track of bins that no canary fell into, or of four choices, is not there.
    private static double[]? Values(Dictionary<string, double[]> tracks, string[] names, int index) =>
        tracks.TryGetValue(names[0], out var first) && !double.IsNaN(first[index])
            ? Array.ConvertAll(names, name => tracks.TryGetValue(name, out var track) && !double.IsNaN(track[index]) ? track[index] : 0)
            : null;
}
