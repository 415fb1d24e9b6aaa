namespace TrainingMonitor.Attach.Checks;

/// <summary>One thing that was looked at before anything is touched.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Verdict">How it stands.</param>
/// <param name="Found">What was found.</param>
/// <param name="Advice">What to do; null where all is well.</param>
public sealed record AttachCheck(string Name, AttachVerdict Verdict, string Found, string? Advice = null);
