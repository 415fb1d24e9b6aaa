namespace TrainingMonitor.Server.Security.Auditing;

/// <summary>One line of the audit log.</summary>
/// <param name="Who">Name of the caller; empty: nobody that is known.</param>
/// <param name="How">How it showed who it is: owner, token, certificate, anyone, or nothing.</param>
/// <param name="From">Address it came from; empty: this process.</param>
/// <param name="What">What it did or wanted, such as "token.create".</param>
/// <param name="Target">To what: a name, an alert, a path without its query.</param>
/// <param name="Result">"ok", "denied" or "not found".</param>
/// <param name="Detail">More, in words.</param>
internal sealed record AuditEntry(string Who, string How, string From, string What, string Target, string Result, string Detail = "");
