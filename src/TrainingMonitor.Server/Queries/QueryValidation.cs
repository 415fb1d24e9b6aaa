using System.Text;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Errors;

namespace TrainingMonitor.Server.Queries;

/// <summary>Checks the arguments of queries; the error names the field.</summary>
internal static class QueryValidation
{
    public const int MaxNames = 64;
    public const int MaxBuckets = 2000;
    private const uint MaxRows = 10_000;
    private const ulong MaxRadius = 10_000;

    /// <summary>Checks a request; messages that are no queries pass.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT with the field's path.</exception>
    public static void Check(object request)
    {
        switch (request)
        {
            case ListRunsRequest r:
                Text("project", r.Project, 128);
                AtMost("limit", r.Limit, MaxRows);
                break;
            case GetRunRequest r:
                RunId(r.RunId);
                break;
            case ListSeriesRequest r:
                RunId(r.RunId);
                break;
            case RecordingRequest r:
                RunId(r.RunId);
                break;
            case SeriesRequest r:
                Series(r);
                break;
            case ListAlertsRequest r:
                Text("run_id", r.RunId, 128);
                AtMost("limit", r.Limit, MaxRows);
                if (r.AfterOrdinal > 0 && r.RunId.Length == 0)
                    throw Refusal.Invalid("after_ordinal", "goes only with run_id, because every run counts its own alerts.");
                break;
            case WatchRunRequest r:
                RunId(r.RunId);
                if (!(r.MaxPerSecond is >= 0 and <= 20))
                    throw Refusal.Invalid("max_per_second", $"{r.MaxPerSecond} is not between 0 and 20.");
                break;
            case WatchAlertsRequest r:
                Text("run_id", r.RunId, 128);
                break;
            case AroundRequest r:
                RunId(r.RunId);
                if (r.Radius > MaxRadius)
                    throw Refusal.Invalid("radius", $"{r.Radius} is above {MaxRadius} steps.");
                if (r.Step > long.MaxValue)
                    throw Refusal.Invalid("step", "is above 2^63 - 1.");
                break;
            default:
                break;
        }
    }

    private static void Series(SeriesRequest r)
    {
        RunId(r.RunId);
        if (r.Names.Count is 0 or > MaxNames)
            throw Refusal.Invalid("names", $"{r.Names.Count} names; from 1 to {MaxNames} are taken.");
        if (r.HasLayer)
            Text("layer", r.Layer, 256);
        for (var i = 0; i < r.Names.Count; i++)
        {
            var name = r.Names[i];
            Text($"names[{i}]", name, 160);
            var known = r.HasLayer ? SeriesCatalog.TryGetLayer(name, out _) : name.StartsWith("scalar/", StringComparison.Ordinal) || SeriesCatalog.TryGetRun(name, out _);
            if (!known)
                throw Refusal.Invalid($"names[{i}]", $"\"{name}\" is no {(r.HasLayer ? "layer" : "run")} series; the list of series gives the names.");
        }

        if (!System.Enum.IsDefined(r.XAxis))
            throw Refusal.Invalid("x_axis", $"{(int)r.XAxis} is no axis.");
        AtMost("max_buckets", r.MaxBuckets, MaxBuckets);
        if (r.HasFrom && !double.IsFinite(r.From))
            throw Refusal.Invalid("from", "must be a finite number.");
        if (r.HasTo && !double.IsFinite(r.To))
            throw Refusal.Invalid("to", "must be a finite number.");
        if (r.HasFrom && r.HasTo && r.From > r.To)
            throw Refusal.Invalid("from", $"{r.From} is above to ({r.To}).");
    }

    private static void RunId(string id)
    {
        if (id.Length == 0)
            throw Refusal.Invalid("run_id", "is missing.");
        Text("run_id", id, 128);
    }

    private static void Text(string field, string text, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(text) > maxBytes)
            throw Refusal.Invalid(field, $"is longer than {maxBytes} bytes.");
        if (text.Any(char.IsControl))
            throw Refusal.Invalid(field, "holds a control character.");
    }

    private static void AtMost(string field, uint value, uint limit)
    {
        if (value > limit)
            throw Refusal.Invalid(field, $"{value} is above {limit}.");
    }
}
