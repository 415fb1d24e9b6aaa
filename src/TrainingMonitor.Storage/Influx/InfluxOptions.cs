using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Storage.Influx;

/// <summary>Where an InfluxDB (or what speaks its protocol) is and how to talk to it.</summary>
public sealed record InfluxOptions : IValidatableObject
{
    /// <summary>Base address, "http://127.0.0.1:8086".</summary>
    [Required]
    public Uri? Url { get; init; }

    /// <summary>Database; "database/retention-policy" on 1.x, the bucket's name on 2.x.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Database { get; init; } = "trainmon";

    /// <summary>Organization of the bucket: 2.x asks for it, others ignore it.</summary>
    public string Organization { get; init; } = "";

    /// <summary>API token, or "user:password" of 1.x. Secret. Empty: none is sent.</summary>
    public string Token { get; init; } = "";

    /// <summary>Bodies are sent compressed: worth it over a network, not to the same machine.</summary>
    public bool Gzip { get; init; }

    /// <summary>Longest time of one request, seconds.</summary>
    [Range(0.1, 600)]
    public double TimeoutSeconds { get; init; } = 20;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0))
        {
            yield return new ValidationResult("must be an http or https address without user, password or query", [nameof(Url)]);
        }

        if (Token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            yield return new ValidationResult("must be printable ASCII without spaces", [nameof(Token)]);
        }
    }

    /// <summary>Without the token.</summary>
    public override string ToString() => $"{Url} database {Database}";
}
