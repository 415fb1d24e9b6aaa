using System.Security.Claims;

namespace TrainingMonitor.Server.Security;

/// <summary>Carries the caller to where only a principal comes along: the circuits of pages.</summary>
internal sealed class CallerIdentity(Caller caller) : ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Name)], "trainmon")
{
    /// <summary>Who.</summary>
    public Caller Caller => caller;
}
