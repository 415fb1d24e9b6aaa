namespace TrainingMonitor.Storage.Spooling;

/// <summary>Short forms.</summary>
public static class SpoolExtensions
{
    /// <summary>The oldest batch; the same until it is removed or dropped.</summary>
    public static bool TryPeek(this ISpool spool, out SpoolRecord record)
    {
        ArgumentNullException.ThrowIfNull(spool);
        return spool.TryPeek(0, out record);
    }
}
