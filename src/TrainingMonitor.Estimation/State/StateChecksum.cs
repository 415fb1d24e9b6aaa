namespace TrainingMonitor.Estimation.State;

/// <summary>64-bit FNV-1a of a saved state: any changed byte changes it, so damage is told from numbers.</summary>
internal static class StateChecksum
{
    /// <summary>The checksum.</summary>
    public static long Of(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in bytes)
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        return unchecked((long)hash);
    }
}
