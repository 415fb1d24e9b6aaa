using TrainingMonitor.Attach.Checks;

namespace TrainingMonitor.Cli.Attaching;

/// <summary>How <c>attach</c> shall go about it.</summary>
/// <param name="ProcessId">The training process.</param>
/// <param name="Method">Way in; null: the one that fits.</param>
/// <param name="Yes">Consent to what needs it.</param>
/// <param name="DryRun">Say what would be done, and do nothing.</param>
/// <param name="Json">JSON on standard output.</param>
/// <param name="Wait">Time until a training step must have been seen.</param>
internal sealed record AttachRequest(int ProcessId, AttachMethod? Method, bool Yes, bool DryRun, bool Json, TimeSpan Wait);
