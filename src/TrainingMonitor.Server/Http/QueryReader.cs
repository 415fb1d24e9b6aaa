using System.Globalization;
using Microsoft.AspNetCore.Http;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Errors;

namespace TrainingMonitor.Server.Http;

/// <summary>Reads query parameters; errors name the parameter, and so does a parameter that does not exist.</summary>
internal sealed class QueryReader
{
    private readonly IQueryCollection query;

    /// <summary>Takes the query of a request.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: a parameter that is not known, or is there twice.</exception>
    public QueryReader(HttpContext context, params string[] known)
    {
        query = context.Request.Query;
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw Refusal.Invalid(name, known.Length == 0 ? "this address takes no parameters." : $"no such parameter; there are {string.Join(", ", known)}.");
            if (values.Count != 1)
                throw Refusal.Invalid(name, "is given more than once.");
        }
    }

    public string Text(string name) => query[name].ToString();

    public IEnumerable<string> List(string name) => Text(name).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public double? Number(string name) =>
        !query.ContainsKey(name) ? null
        : double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value
        : throw Refusal.Invalid(name, $"\"{Text(name)}\" is not a number.");

    public uint? Count(string name) =>
        !query.ContainsKey(name) ? null
        : uint.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : throw Refusal.Invalid(name, $"\"{Text(name)}\" is not a whole number from 0.");

    public ulong? Long(string name) =>
        !query.ContainsKey(name) ? null
        : ulong.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value
        : throw Refusal.Invalid(name, $"\"{Text(name)}\" is not a whole number from 0.");

    public bool Flag(string name) =>
        Text(name) switch
        {
            "" or "false" or "0" => false,
            "true" or "1" => true,
            var other => throw Refusal.Invalid(name, $"\"{other}\" is not true or false."),
        };

    public XAxis Axis(string name) =>
        Text(name) switch
        {
            "" or "step" => XAxis.Step,
            "samples" => XAxis.Samples,
            "tokens" => XAxis.Tokens,
            "epoch" => XAxis.Epoch,
            "time" => XAxis.Time,
            var other => throw Refusal.Invalid(name, $"\"{other}\" is no axis; there are step, samples, tokens, epoch, time."),
        };
}
