using TrainingMonitor.Notifications.Silencing;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Http;

/// <summary>Silences and acknowledgements of a caller that is not for all projects: its own are there, others are not.</summary>
internal static class ProjectGuard
{
    /// <summary>Whether a silence exists for the caller: one that names one of its projects. Patterns reach into others.</summary>
    public static bool Sees(Caller caller, Silence silence) => caller.Projects is null || caller.Projects.Contains(silence.Project);

    /// <summary>A silence that the caller wants to make.</summary>
    /// <exception cref="Grpc.Core.RpcException">It reaches beyond its projects.</exception>
    public static Silence Require(Caller caller, Silence silence) => Sees(caller, silence)
        ? silence
        : throw Refusal.Invalid("project", $"name one project of this token: {string.Join(", ", caller.Projects!.Order(StringComparer.Ordinal))}.", Grpc.Core.StatusCode.PermissionDenied);

    /// <summary>Whether the run of an alert ("run/rule[/layer]") is there for the caller.</summary>
    public static async Task<bool> SeesAlertAsync(Caller caller, RunQueries queries, string alert, CancellationToken cancellationToken) =>
        caller.Projects is null || await queries.SeesAsync(alert.Split('/')[0], cancellationToken);
}
