using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Something that a node has put in for whoever delivers.</summary>
/// <param name="Number">Its place.</param>
/// <param name="Run">The run.</param>
/// <param name="Project">Its project.</param>
/// <param name="Alert">A transition; null: only the end of a run, or its going on.</param>
/// <param name="Ended">Whether the run has ended; null: nothing new about that.</param>
internal sealed record InboxEntry(long Number, string Run, string Project, Alert? Alert, bool? Ended);
