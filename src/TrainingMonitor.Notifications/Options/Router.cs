using TrainingMonitor.Notifications.Silencing;

namespace TrainingMonitor.Notifications.Options;

/// <summary>Says who is told of an alert.</summary>
internal sealed class Router(NotificationOptions options)
{
    private readonly IReadOnlyList<RouteOptions> routes = options.Routes.Count > 0
        ? options.Routes
        : [new RouteOptions { Severities = ["warning", "critical"], Receivers = [.. options.Receivers.Select(receiver => receiver.Name)] }];

    /// <summary>Names of receivers, each once, in the order of the routes.</summary>
    public IReadOnlyList<string> Route(string project, string rule, string severity)
    {
        var names = new List<string>();
        foreach (var route in routes)
        {
            if (Fits(route.Projects, project) && Fits(route.Rules, rule) && (route.Severities.Count == 0 || route.Severities.Contains(severity, StringComparer.Ordinal)))
            {
                names.AddRange(route.Receivers.Where(name => !names.Contains(name, StringComparer.Ordinal)));
                if (!route.Continue)
                {
                    break;
                }
            }
        }

        return names;
    }

    private static bool Fits(IReadOnlyList<string> patterns, string text) => patterns.Count == 0 || patterns.Any(pattern => Wildcard.Matches(pattern, text));
}
