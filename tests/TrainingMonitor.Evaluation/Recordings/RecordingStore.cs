namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>The committed recordings: <c>Data/suite/cell/seed.tmrec</c>.</summary>
internal sealed class RecordingStore(string folder)
{
    /// <summary>The store of this source tree.</summary>
    public static RecordingStore OfSources() => new(Path.Combine(SourceTree.Evaluation, "Data"));

    /// <summary>Where a run lies.</summary>
    public string PathOf(RecordingPlan plan) => Path.Combine(folder, plan.Suite, plan.Cell, $"{plan.Seed}{RecordingFile.Extension}");

    /// <summary>All runs of a suite, cell by cell.</summary>
    public IEnumerable<Recording> ReadAll(string suite) => Paths(suite).Select(RecordingFile.Read);

    /// <summary>Files of a suite, ordered.</summary>
    public IReadOnlyList<string> Paths(string suite)
    {
        var place = Path.Combine(folder, suite);
        return Directory.Exists(place)
            ? [.. Directory.EnumerateFiles(place, $"*{RecordingFile.Extension}", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];
    }
}
