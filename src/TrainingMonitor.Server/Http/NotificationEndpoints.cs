using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TrainingMonitor.Notifications;
using TrainingMonitor.Notifications.Silencing;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Security.Auditing;

namespace TrainingMonitor.Server.Http;

/// <summary>Receivers, tests, silences and acknowledgements under /api/v1: docs/notifications.md.</summary>
internal static class NotificationEndpoints
{
    private const int LongestText = 1000;
    private static readonly string[] Severities = ["", "info", "warning", "critical"];

    public static void Map(IEndpointRouteBuilder api)
    {
        // Receivers serve all projects: who sees one project has no business with them.
        api.MapGet("/notifications", (HttpContext context, MonitorServices services) => AnswerAsync(context, services, center =>
        {
            Parameters(context);
            return Task.FromResult<object>(new
            {
                receivers = center.Receivers.Select(r => new
                {
                    r.Name, r.Kind, r.Waiting, r.Counters.Sent, r.Counters.Failed, r.Counters.Retried, r.Counters.Dropped, r.Counters.Silenced, r.LastError,
                }),
            });
        })).WithMetadata(new Demand(TokenScopes.Read, AllProjects: true));
        api.MapPost("/notifications/test", (HttpContext context, MonitorServices services) => AnswerAsync(context, services, async center =>
        {
            var to = Parameters(context, "to").Text("to");
            if (to.Length > 0 && !center.Receivers.Any(receiver => string.Equals(receiver.Name, to, StringComparison.Ordinal)))
                throw Refusal.NotFound("to", $"There is no receiver \"{to}\"; there are {string.Join(", ", center.Receivers.Select(receiver => receiver.Name))}.");
            Audit(context, "notify.test", to);
            return new { results = await center.TestAsync(to.Length > 0 ? to : null, context.RequestAborted) };
        })).WithMetadata(new Demand(TokenScopes.Admin, AllProjects: true));
        var read = api.MapGroup("").WithMetadata(new Demand(TokenScopes.Read));
        var write = api.MapGroup("").WithMetadata(new Demand(TokenScopes.Admin));
        read.MapGet("/silences", (HttpContext context, MonitorServices services) => AnswerAsync(context, services, center =>
        {
            Parameters(context);
            return Task.FromResult<object>(new { silences = center.Silences.Where(silence => ProjectGuard.Sees(Caller.Of(context), silence)) });
        }));
        write.MapPost("/silences", (HttpContext context, MonitorServices services) => AnswerAsync(context, services, center =>
        {
            var q = Parameters(context, "project", "run", "rule", "layer", "severity", "minutes", "comment", "author");
            var made = center.AddSilence(ProjectGuard.Require(Caller.Of(context), SilenceOf(q)), Length(q));
            Audit(context, "silence.add", made.Id, detail: $"project={made.Project} run={made.Run} rule={made.Rule} layer={made.Layer} severity={made.Severity} until={made.Until:O}");
            return Task.FromResult<object>(made);
        }));
        write.MapDelete("/silences/{id}", (HttpContext context, string id, MonitorServices services) => AnswerAsync(context, services, center =>
        {
            var found = center.Silences.Any(silence => silence.Id == id && ProjectGuard.Sees(Caller.Of(context), silence)) && center.RemoveSilence(id);
            Audit(context, "silence.remove", id, found);
            return found ? Task.FromResult<object>(new { removed = id }) : throw Refusal.NotFound("id", $"There is no silence \"{id}\".");
        }));
        read.MapGet("/acks", (HttpContext context, MonitorServices services, RunQueries queries) => AnswerAsync(context, services, async center =>
        {
            Parameters(context);
            var acks = new List<Acknowledgement>();
            foreach (var ack in center.Acknowledgements)
            {
                if (await ProjectGuard.SeesAlertAsync(Caller.Of(context), queries, ack.AlertId, context.RequestAborted))
                    acks.Add(ack);
            }

            return new { acks };
        }));
        write.MapPost("/acks", (HttpContext context, MonitorServices services, RunQueries queries) => AnswerAsync(context, services, async center =>
        {
            var body = Parameters(context, "alert", "minutes", "comment", "author");
            var alert = Alert(body);
            TimeSpan? length = body.Text("minutes").Length > 0 ? Length(body) : null;
            var (comment, author) = (Short(body, "comment"), Short(body, "author"));
            var ack = await ProjectGuard.SeesAlertAsync(Caller.Of(context), queries, alert, context.RequestAborted) ? center.Acknowledge(alert, length, comment, author) : null;
            Audit(context, "ack.add", alert, ack is not null);
            return ack ?? throw Refusal.NotFound("alert", $"No alert \"{alert}\" fires; an alert is named RUN/RULE or RUN/RULE/LAYER.");
        }));
        write.MapDelete("/acks", (HttpContext context, MonitorServices services, RunQueries queries) => AnswerAsync(context, services, async center =>
        {
            var alert = Alert(Parameters(context, "alert"));
            var found = await ProjectGuard.SeesAlertAsync(Caller.Of(context), queries, alert, context.RequestAborted) && center.RemoveAcknowledgement(alert);
            Audit(context, "ack.remove", alert, found);
            return found ? new { removed = alert } : throw Refusal.NotFound("alert", $"Nobody has acknowledged \"{alert}\".");
        }));
    }

    private static void Audit(HttpContext context, string what, string target, bool found = true, string detail = "") =>
        context.RequestServices.GetRequiredService<AuditLog>().Did(context, what, target, found, detail);

    private static async Task AnswerAsync(HttpContext context, MonitorServices services, Func<NotificationCenter, Task<object>> answer)
    {
        try
        {
            var center = services.Notifications ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, "This server tells nobody of alerts: start it with --notify-config FILE."));
            var result = await answer(center);
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsJsonAsync(result, JsonSerializerOptions.Web, context.RequestAborted);
        }
        catch (RpcException error)
        {
            await Problems.WriteAsync(context, error);
        }
    }

    private static QueryReader Parameters(HttpContext context, params string[] known) => new(context, known);

    private static Silence SilenceOf(QueryReader q)
    {
        var silence = new Silence
        {
            Project = Short(q, "project"), Run = Short(q, "run"), Rule = Short(q, "rule"), Layer = Short(q, "layer"), Severity = q.Text("severity"), Comment = Short(q, "comment"), Author = Short(q, "author"),
        };
        if (!Severities.Contains(silence.Severity, StringComparer.Ordinal))
            throw Refusal.Invalid("severity", $"\"{silence.Severity}\" is not info, warning or critical.");
        if (silence.Project.Length + silence.Run.Length + silence.Rule.Length + silence.Layer.Length + silence.Severity.Length == 0)
            throw Refusal.Invalid("run", "say what is to be silent: project, run, rule, layer or severity; \"*\" for everything.");
        return silence;
    }

    private static TimeSpan Length(QueryReader q) => q.Number("minutes") is > 0 and <= 525_600 and var minutes
        ? TimeSpan.FromMinutes(minutes)
        : throw Refusal.Invalid("minutes", "must be above 0 and at most 525600 (a year).");

    private static string Alert(QueryReader q) => q.Text("alert") is { Length: > 0 } alert ? alert : throw Refusal.Invalid("alert", "is missing.");

    private static string Short(QueryReader q, string name) => q.Text(name) is { Length: <= LongestText } text && !text.Any(char.IsControl)
        ? text
        : throw Refusal.Invalid(name, $"must have at most {LongestText} characters and no control characters.");
}
