using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>What is kept of an alert: its newest transition and who was told.</summary>
/// <param name="Alert">Newest transition.</param>
/// <param name="Project">Project of its run.</param>
/// <param name="Firing">Whether it fires.</param>
/// <param name="Held">Whether a silence kept it from being told; nobody knows of it then.</param>
/// <param name="StartsAt">When the server saw it begin to fire.</param>
/// <param name="EndsAt">When it was over.</param>
/// <param name="Receivers">Who was told, or will be.</param>
internal sealed record KnownAlert(Alert Alert, string Project, bool Firing, bool Held, DateTimeOffset StartsAt, DateTimeOffset? EndsAt, IReadOnlyList<string> Receivers);
