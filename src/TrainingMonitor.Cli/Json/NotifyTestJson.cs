namespace TrainingMonitor.Cli.Json;

/// <summary>What a receiver said to a test.</summary>
/// <param name="Receiver">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Delivered">Whether it took it.</param>
/// <param name="Message">Why not.</param>
public sealed record NotifyTestJson(string Receiver, string Kind, bool Delivered, string Message);
