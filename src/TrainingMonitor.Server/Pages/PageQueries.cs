using Microsoft.AspNetCore.Components.Authorization;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Server.Security;

namespace TrainingMonitor.Server.Pages;

/// <summary>The queries of whoever looks at a page. A circuit has no request; what comes along is the principal that opened it.</summary>
internal sealed class PageQueries(MonitorServices services, AuthenticationStateProvider state)
{
    /// <summary>The queries, with the caller's rights.</summary>
    /// <exception cref="InvalidOperationException">Nobody was asked who looks: a defect, and the page ends there.</exception>
    public async Task<RunQueries> OpenAsync()
    {
        var user = (await state.GetAuthenticationStateAsync()).User;
        var identity = user.Identities.OfType<CallerIdentity>().FirstOrDefault() ?? throw new InvalidOperationException("Nobody was asked who looks at this page.");
        return new RunQueries(services, identity.Caller);
    }
}
