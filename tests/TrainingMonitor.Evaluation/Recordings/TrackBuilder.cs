namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Collects tracks while a run is recorded: a value that a step does not have is NaN.</summary>
internal sealed class TrackBuilder
{
    private readonly List<int> steps = [];
    private readonly Dictionary<string, List<double>> tracks = new(StringComparer.Ordinal);

    /// <summary>Reported steps so far.</summary>
    public int Count => steps.Count;

    /// <summary>Starts the next step.</summary>
    public void Next(long step) => steps.Add(checked((int)step));

    /// <summary>Sets a value of the step.</summary>
    public void Set(string name, double value)
    {
        if (double.IsNaN(value))
        {
            return;
        }

        if (!tracks.TryGetValue(name, out var track))
        {
            tracks[name] = track = [];
        }

        Pad(track, steps.Count - 1);
        track.Add(value);
    }

    /// <summary>The reported steps.</summary>
    public int[] ToSteps() => [.. steps];

    /// <summary>The tracks, all as long as the steps.</summary>
    public Dictionary<string, double[]> ToTracks()
    {
        foreach (var track in tracks.Values)
        {
            Pad(track, steps.Count);
        }

        return tracks.ToDictionary(t => t.Key, t => t.Value.ToArray(), StringComparer.Ordinal);
    }

    private static void Pad(List<double> track, int length)
    {
        while (track.Count < length)
        {
            track.Add(double.NaN);
        }
    }
}
