namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of numbers.</summary>
internal static class NumberRules
{
    /// <summary>Largest count, step or sequence: doubles (axes, JSON, stores) hold every whole number up to here.</summary>
    public const ulong MaxCount = 1UL << 53;

    /// <summary>Latest time stamp, the year 2200 in ns since the Unix epoch: sums and differences of stamps stay within 64 bits.</summary>
    public const long MaxStamp = 7_258_118_400_000_000_000;

    /// <summary>Longest promise between two reports, seconds (30 days).</summary>
    public const double MaxPromiseSeconds = 30 * 86_400;

    /// <summary>Null, or what is wrong with a count.</summary>
    public static string? Count(ulong value) => value <= MaxCount ? null : $"{value}, at most 2^53 is taken";

    /// <summary>Null, or what is wrong with a time stamp. How far it lies from the server's clock is not judged: a replay must judge the same.</summary>
    public static string? Stamp(long unixNs) => unixNs is > 0 and <= MaxStamp
        ? null
        : $"{unixNs} ns, a time between the years 1970 and 2200 is wanted";

    /// <summary>Null, or what is wrong with a number that must be finite and not negative.</summary>
    public static string? NonNegative(double value) => value >= 0 && double.IsFinite(value)
        ? null
        : $"{value}, a finite number of at least 0 is wanted";
}
