using System.Diagnostics.CodeAnalysis;

namespace TrainingMonitor.Storage.Log.Files;

/// <summary>Run ids of a read, decoded once each; and the filter for one run, which decodes none.</summary>
internal sealed class RunIdCache
{
    private readonly Dictionary<string, string> names = [];
    private readonly string? only;
    private readonly byte[]? onlyBytes;

    public RunIdCache(string? only)
    {
        this.only = only;
        onlyBytes = only is null ? null : RecordFormat.Utf8.GetBytes(only);
    }

    /// <summary>False: another run than the one asked for.</summary>
    public bool TryGet(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? runId)
    {
        if (onlyBytes is not null)
        {
            runId = only;
            return utf8.SequenceEqual(onlyBytes) && runId is not null;
        }

        Span<char> chars = stackalloc char[RecordFormat.MaxRunId];
        var key = chars[..RecordFormat.Utf8.GetChars(utf8, chars)];
        var lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!lookup.TryGetValue(key, out runId))
        {
            runId = key.ToString();
            names.Add(runId, runId);
        }

        return true;
    }
}
