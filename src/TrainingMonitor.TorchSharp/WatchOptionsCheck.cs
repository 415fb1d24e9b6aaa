using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.TorchSharp;

/// <summary>Checks options before anything starts.</summary>
internal static class WatchOptionsCheck
{
    /// <summary>Throws for the first field out of its range.</summary>
    /// <exception cref="ArgumentException">Names the field and what it may be.</exception>
    public static void Validate(WatchOptions options)
    {
        Check(options, "");
        if (options.Probes is { } probes)
        {
            Check(probes, "Probes.");
        }
    }

    /// <summary>Throws for the first field out of its range.</summary>
    /// <exception cref="ArgumentException">Names the field and what it may be.</exception>
    public static void Validate(SentinelOptions options) => Check(options, "");

    private static void Check(object part, string prefix)
    {
        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(part, new ValidationContext(part), results, validateAllProperties: true))
        {
            throw new ArgumentException($"{prefix}{string.Join(',', results[0].MemberNames)}: {results[0].ErrorMessage}", nameof(part));
        }
    }
}
