namespace TrainingMonitor.Client.Connection;

/// <summary>How a connection ended, and what to do next.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Answered">The server had said Welcome.</param>
/// <param name="Reason">In words, for the user.</param>
/// <param name="Wait">At least this long before the next attempt.</param>
/// <param name="ReconnectTo">Another address; null: the same.</param>
/// <param name="FrameRefused">The refusal is about what was sent, or about its attempt, not about who sent it.</param>
/// <param name="TokenRefused">The token is missing or wrong.</param>
/// <param name="NotConnected">Nobody was there to speak to.</param>
internal sealed record SessionEnd(
    Outcome Outcome, bool Answered, string Reason = "", TimeSpan Wait = default, Uri? ReconnectTo = null, bool FrameRefused = false, bool TokenRefused = false, bool NotConnected = false);
