using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>Accept, reject, split or keep, from status and text: the versions of the server agree on neither alone.</summary>
internal static partial class AnswerClassifier
{
    /// <summary>Longest wait a server may ask for.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(10);

    /// <summary>Texts of errors that come back however often the same lines are sent; 1.x sends some of them as 500.</summary>
    private static readonly string[] Permanent = ["partial write", "unable to parse", "field type conflict", "max series per database", "max-values-per-tag", "invalid field", "invalid tag"];

    public static WriteAnswer Classify(int status, string body, TimeSpan retryAfter)
    {
        bool Says(string text) => body.Contains(text, StringComparison.OrdinalIgnoreCase);
        return status switch
        {
            >= 200 and < 300 => new(WriteOutcome.Accept, status, body),
            413 => new(WriteOutcome.Split, status, body),
            400 or 422 when Says("beyond retention policy") => new(WriteOutcome.Accept, status, body, Dropped: Dropped(body)),
            // The address or the database is wrong, not the lines: somebody will mend it.
            400 when Says("orgID") || Says("bucket name") || Says("database is required") => new(WriteOutcome.Keep, status, body, retryAfter),
            401 or 403 or 404 or 405 or 408 or 425 or 429 => new(WriteOutcome.Keep, status, body, retryAfter),
            >= 400 and < 500 => new(WriteOutcome.Reject, status, body),
            500 when Array.Exists(Permanent, Says) => new(WriteOutcome.Reject, status, body),
            _ => new(WriteOutcome.Keep, status, body, retryAfter),
        };
    }

    /// <summary>Whether a database or bucket is missing, which 1.x lets a client make.</summary>
    public static bool IsMissingDatabase(int status, string body) => status == 404 && body.Contains("not found", StringComparison.OrdinalIgnoreCase) && !IsMissingPage(status, body);

    /// <summary>Whether the server does not know the path at all: an error of its programming interface is JSON.</summary>
    public static bool IsMissingPage(int status, string body) => status is 404 or 405 && !body.TrimStart().StartsWith('{');

    /// <summary>Retry-After in seconds or as a date.</summary>
    public static TimeSpan RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header?.Delta ?? (header?.Date - now) ?? TimeSpan.Zero;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestRetryAfter ? LongestRetryAfter : wait;
    }

    private static int Dropped(string body) => DroppedCount().Match(body) is { Success: true } match && int.TryParse(match.Groups["count"].ValueSpan, out var count) ? count : 0;

    [GeneratedRegex(@"dropped[= ](?<count>\d+)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex DroppedCount();
}
