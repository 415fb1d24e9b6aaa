namespace TrainingMonitor.Cli.Json;

/// <summary>What <c>attach</c> did.</summary>
/// <param name="ProcessId">The training process.</param>
/// <param name="Method">"gdb" or "remote-exec".</param>
/// <param name="State">"watching", "waiting" (no step was seen yet) or "planned" (--dry-run).</param>
/// <param name="RunId">The run.</param>
/// <param name="Optimizer">What is watched; null: not known yet.</param>
/// <param name="Model">Class of its model.</param>
/// <param name="DatasetSize">Examples; null: not known.</param>
/// <param name="Sampling">How batches are drawn; null: not known.</param>
/// <param name="FirstStep">First step that is watched.</param>
public sealed record AttachJson(int ProcessId, string Method, string State, string RunId, string? Optimizer = null, string? Model = null, long? DatasetSize = null, string? Sampling = null, long? FirstStep = null);
