using System.Globalization;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>How points fall into buckets: each its own where all fit, else intervals of equal width over [low, high].</summary>
internal readonly record struct BucketGrid(int Buckets, long Points, double Low, double High)
{
    /// <summary>Every point is its own bucket.</summary>
    public bool IsExact => Points <= Buckets;

    /// <summary>Bucket of an x where not exact.</summary>
    public int Of(double x) => High > Low ? (int)Math.Min(Buckets - 1, Math.Floor((x - Low) / (High - Low) * Buckets)) : 0;

    /// <summary>The same in SQL.</summary>
    public string Expression()
    {
        if (IsExact)
        {
            return "row_number() OVER (PARTITION BY attempt, segment ORDER BY x, step)";
        }

        return High > Low
            ? string.Create(CultureInfo.InvariantCulture, $"least({Buckets - 1}, floor((x - {Sql.Literal(Low)}) / ({Sql.Literal(High)} - {Sql.Literal(Low)}) * {Buckets}))::BIGINT")
            : "0::BIGINT";
    }
}
