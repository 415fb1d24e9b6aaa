namespace TrainingMonitor.Client.Speaking;

/// <summary>Sizes in words.</summary>
internal static class Size
{
    /// <summary>"12 KiB", "3.4 MiB".</summary>
    public static string Words(long bytes) => bytes < 1 << 20 ? $"{(bytes + 1023) / 1024} KiB" : $"{bytes / 1048576.0:0.#} MiB";
}
